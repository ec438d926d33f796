import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { CONSECUTIVE_FAILURES_CAP, KNOWN_PREFIX_DAYS } from '../../../domain/limits/limits.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { secondsAfter } from '../../../domain/shared/instants.ts'
import { namedInstant } from '../driver/rows.ts'
import { remainingFailures } from './remaining-failures.ts'

const USER = sql`${sql.placeholder('user')}::uuid`
export const PREFIX = sql`${sql.placeholder('prefix')}::text`
export const NOW = namedInstant('now')
/** An address is known when its last successful sign-in came after this instant. */
export const KNOWN_SINCE = namedInstant('knownSince')
export const FAILURES_CAP = sql.raw(String(CONSECUTIVE_FAILURES_CAP))

/** The values of the placeholders in the constants above. */
export const valuesOfSignIn = (prefix: AddressPrefix, now: Date) => ({
  prefix,
  now: now.toISOString(),
  knownSince: secondsAfter(now, -KNOWN_PREFIX_DAYS * 24 * 3600).toISOString(),
})

export type SignInValues = ReturnType<typeof valuesOfSignIn> & { readonly user: UserId }

/**
 * The queries at the head of a statement that clears an address's failures and remembers the address as known. Its
 * placeholders are those of `SignInValues`.
 * @param clear writes to credentials, under the alias `credential`, for the user in the query `held`, and returns
 * `user_id`. The sign-in succeeds when it returns a row; the query is called `succeeded`.
 */
export const signInSuccess = (clear: SQL): SQL => sql`
  held as (select * from users where id = ${USER} for key share),
  known as (
    select from sign_in_prefixes where user_id = ${USER} and prefix = ${PREFIX} and last_success_at > ${KNOWN_SINCE}
  ),
  succeeded as (${clear}),
  forgotten as (
    delete from sign_in_prefixes using succeeded
    where sign_in_prefixes.user_id = succeeded.user_id and prefix <> ${PREFIX} and last_success_at <= ${KNOWN_SINCE}
  ),
  remembered as (
    insert into sign_in_prefixes as remembered (user_id, prefix, last_success_at)
    select user_id, ${PREFIX}, ${NOW} from succeeded
    on conflict (user_id, prefix) do update
      set last_success_at = greatest(remembered.last_success_at, excluded.last_success_at)
  )`

const { count, byPrefix, halvedAt } = remainingFailures(NOW)

/** The assignments that clear the failures of an address, or all of them when it is known. */
export const CLEARED_FAILURES = sql`
  consecutive_failures = case when exists (select from known) then 0
    else greatest(0, ${count} - coalesce((${byPrefix} ->> ${PREFIX})::integer, 0)) end,
  failures_by_prefix = case when exists (select from known) then '{}'::jsonb else ${byPrefix} - ${PREFIX} end,
  failures_halved_at = ${halvedAt}`

/** True for an account below the cap of failures, and for a known address. Evaluated under the row's lock, so that it sees the latest failure. */
export const BELOW_CAP_OR_KNOWN = sql`(${count} < ${FAILURES_CAP} or exists (select from known))`
