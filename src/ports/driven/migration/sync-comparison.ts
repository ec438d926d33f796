import type { Channel } from '../../../domain/events/user-event.ts'
import type { HeldUser, ShardDigest } from '../../../domain/migration/state-digest.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** What the outbox knows about two legs that carry the same changes. */
export type SyncComparison = {
  /**
   * How many changes `done` has delivered and `other`, which was owed them too, has not for over five seconds, set aside
   * or given up.
   */
  onlyOn(done: Channel, other: Channel): Promise<number>
  /** How many of the last 10 000 first deliveries came after a later version of the same user. */
  orderViolations(channel: Channel): Promise<number>
  /** What this service holds, all 64 shards. */
  digest(): Promise<readonly ShardDigest[]>
  /** Its users of one shard. */
  users(shard: number): Promise<readonly HeldUser[]>
  /** Those of the given users whom some leg still owes something. */
  underWay(users: readonly UserId[]): Promise<ReadonlySet<UserId>>
}
