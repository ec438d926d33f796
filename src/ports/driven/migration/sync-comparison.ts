import type { Channel } from '../../../domain/events/user-event.ts'
import type { HeldUser, ShardDigest } from '../../../domain/migration/state-digest.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** Compares two channels that carry the same changes, and this service with Backend. @throws Unavailable from each member. */
export type SyncComparison = {
  /**
   * How many changes `done` has delivered and `other`, which has to deliver them too, has not: they have waited there for over
   * five seconds, are parked or were discarded.
   */
  onlyOn(done: Channel, other: Channel): Promise<number>
  /** How many of the last 10 000 first deliveries came after a later version of the same user. */
  orderViolations(channel: Channel): Promise<number>
  /** The digests of all 64 shards of this service. */
  digest(): Promise<readonly ShardDigest[]>
  /** The users of one shard of this service. */
  users(shard: number): Promise<readonly HeldUser[]>
  /** Those of the given users who have a delivery waiting on some channel. */
  underWay(users: readonly UserId[]): Promise<ReadonlySet<UserId>>
}
