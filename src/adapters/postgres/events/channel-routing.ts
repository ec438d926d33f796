import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { BUCKETS, BUCKETS_PER_PERCENT } from '../../../domain/migration/sync-mode.ts'

/** The bucket of a user: the first four bytes of SHA-256 over salt and id, so that every release agrees for ever. */
export const bucketOf = (salt: SQL, user: SQL): SQL => sql`
  (('x' || left(encode(sha256(convert_to(${salt} || ${user}::text, 'UTF8')), 'hex'), 8))::bit(32)::bigint
    % ${sql.raw(String(BUCKETS))})`

/**
 * How an event that is committed now is owed to a channel; null when not at all. `mode` names a row of the mode,
 * `channel` and `user` are expressions.
 */
export const routedTo = (mode: SQL, channel: SQL, user: SQL): SQL => sql`
  case
    when ${channel} <> 'http:backend' then case when ${mode}.mode <> 'http' then 'pending' end
    when ${mode}.mode in ('http', 'dual') or ${mode}.dual_write then 'pending'
    when ${mode}.mode = 'events'
      or ${bucketOf(sql`${mode}.salt`, user)} < ${mode}.percent * ${sql.raw(String(BUCKETS_PER_PERCENT))} then 'standby'
    else 'pending'
  end`

/** Whether what stands by is to be delivered nevertheless: the other leg is in trouble, or no longer leads. */
export const STANDBY_GOES = sql`(select armed or mode in ('http', 'dual') from sync_mode)`

/** Whether a delivery on the other leg makes what stands by needless: Backend follows it. */
export const EVENTS_LEAD = sql`(select mode in ('canary', 'events') from sync_mode)`
