import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { CONSECUTIVE_FAILURES_CAP, KNOWN_PREFIX_DAYS } from '../../../domain/limits/limits.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { secondsAfter } from '../../../domain/shared/instants.ts'
import { remainingFailures } from './remaining-failures.ts'

export type SignInSuccess = {
  readonly user: UserId
  readonly prefix: AddressPrefix
  readonly now: Date
}

/**
 * The queries at the head of a statement that clears an address's failures and remembers the address as known.
 * @param clear writes to credentials, under the alias `credential`, for the user in the query `held`, and returns
 * `user_id`. The sign-in succeeds when it returns a row; the query is called `succeeded`.
 */
export const signInSuccess = ({ user, prefix, now }: SignInSuccess, clear: SQL): SQL => sql`
  held as (select * from users where id = ${user}::uuid for key share),
  known as (
    select from sign_in_prefixes where user_id = ${user}::uuid and prefix = ${prefix}::text
      and last_success_at > ${knownSince(now)}::text::timestamptz
  ),
  succeeded as (${clear}),
  forgotten as (
    delete from sign_in_prefixes using succeeded
    where sign_in_prefixes.user_id = succeeded.user_id and prefix <> ${prefix}::text
      and last_success_at <= ${knownSince(now)}::text::timestamptz
  ),
  remembered as (
    insert into sign_in_prefixes as remembered (user_id, prefix, last_success_at)
    select user_id, ${prefix}::text, ${now.toISOString()}::text::timestamptz from succeeded
    on conflict (user_id, prefix) do update
      set last_success_at = greatest(remembered.last_success_at, excluded.last_success_at)
  )`

/** The assignments that clear the failures of an address, or all of them when it is known. */
export const clearedFailures = ({ prefix, now }: SignInSuccess): SQL => {
  const { count, byPrefix, halvedAt } = remainingFailures(now)
  return sql`
  consecutive_failures = case when exists (select from known) then 0
    else greatest(0, ${count} - coalesce((${byPrefix} ->> ${prefix}::text)::integer, 0)) end,
  failures_by_prefix = case when exists (select from known) then '{}'::jsonb else ${byPrefix} - ${prefix}::text end,
  failures_halved_at = ${halvedAt}`
}

/** True for an account below the cap of failures, and for a known address. Evaluated under the row's lock, so that it sees the latest failure. */
export const belowCapOrKnown = ({ now }: SignInSuccess): SQL => sql`
  (${remainingFailures(now).count} < ${CONSECUTIVE_FAILURES_CAP}::integer or exists (select from known))`

/** An address is known when its last successful sign-in came after this instant. */
export const knownSince = (now: Date): string =>
  secondsAfter(now, -KNOWN_PREFIX_DAYS * 24 * 3600).toISOString()
