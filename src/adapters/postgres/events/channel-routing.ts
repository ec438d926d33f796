import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { BUCKETS, BUCKETS_PER_PERCENT } from '../../../domain/migration/sync-mode.ts'

/** The bucket of a user: the first four bytes of SHA-256 over salt and id. The result must be the same in every release. */
export const bucketOf = (salt: SQL, user: SQL): SQL => sql`
  (('x' || left(encode(sha256(convert_to(${salt} || ${user}::text, 'UTF8')), 'hex'), 8))::bit(32)::bigint
    % ${sql.raw(String(BUCKETS))})`

/**
 * The state of a delivery that is enqueued now on a channel; null when the channel gets none. `mode` names a row of the
 * mode, `channel` and `user` are SQL expressions.
 */
export const routedTo = (mode: SQL, channel: SQL, user: SQL): SQL => sql`
  case
    when ${channel} <> 'http:backend' then case when ${mode}.mode <> 'http' then 'pending' end
    when ${mode}.mode in ('http', 'dual') or ${mode}.dual_write then 'pending'
    when ${mode}.mode = 'events'
      or ${bucketOf(sql`${mode}.salt`, user)} < ${mode}.percent * ${sql.raw(String(BUCKETS_PER_PERCENT))} then 'standby'
    else 'pending'
  end`

/** Whether deliveries on standby are to be sent: the event channel is in trouble, or Backend no longer follows it. */
export const STANDBY_GOES = sql`(select armed or mode in ('http', 'dual') from sync_mode)`

/** Whether a delivery on the event channel makes the one on standby needless, because Backend follows the event channel. */
export const EVENTS_LEAD = sql`(select mode in ('canary', 'events') from sync_mode)`
