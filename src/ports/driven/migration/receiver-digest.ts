import type { HeldUser, ShardDigest } from '../../../domain/migration/state-digest.ts'

/** What a receiver says that it holds. */
export type ReceiverDigest = {
  /**
   * All 64 shards.
   * @throws Unavailable when it does not answer, or with something else.
   */
  read(): Promise<readonly ShardDigest[]>
  /**
   * The users of one shard; null when it does not go into detail.
   * @throws Unavailable
   */
  users(shard: number): Promise<readonly HeldUser[] | null>
}
