import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { CONSECUTIVE_FAILURES_CAP, KNOWN_PREFIX_DAYS } from '../../../domain/limits/limits.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { secondsAfter } from '../../../domain/shared/instants.ts'

export type SignInSuccess = {
  readonly user: UserId
  readonly prefix: AddressPrefix
  readonly now: Date
}

/**
 * Queries for the head of a statement that clears an address's failures and remembers it as known. `clear` writes credentials, called
 * `kept`, for the user in `held`; whom it returns has `entered`.
 */
export const remembering = ({ user, prefix, now }: SignInSuccess, clear: SQL): SQL => sql`
  held as (select * from users where id = ${user}::uuid for key share),
  known as (
    select from sign_in_prefixes where user_id = ${user}::uuid and prefix = ${prefix}::text
      and last_success_at > ${knownSince(now)}::text::timestamptz
  ),
  entered as (${clear}),
  forgotten as (
    delete from sign_in_prefixes using entered
    where sign_in_prefixes.user_id = entered.user_id and prefix <> ${prefix}::text
      and last_success_at <= ${knownSince(now)}::text::timestamptz
  ),
  remembered as (
    insert into sign_in_prefixes as remembered (user_id, prefix, last_success_at)
    select user_id, ${prefix}::text, ${now.toISOString()}::text::timestamptz from entered
    on conflict (user_id, prefix) do update
      set last_success_at = greatest(remembered.last_success_at, excluded.last_success_at)
  )`

export const cleared = (prefix: AddressPrefix): SQL => sql`
  consecutive_failures = kept.consecutive_failures
    - coalesce((kept.failures_by_prefix ->> ${prefix}::text)::integer, 0),
  failures_by_prefix = kept.failures_by_prefix - ${prefix}::text`

// Decided on under the lock of the row, so that a hundredth failure which comes in between is seen.
export const BELOW_CAP_OR_KNOWN = sql`
  (kept.consecutive_failures < ${CONSECUTIVE_FAILURES_CAP}::integer or exists (select from known))`

export const knownSince = (now: Date): string =>
  secondsAfter(now, -KNOWN_PREFIX_DAYS * 24 * 3600).toISOString()
