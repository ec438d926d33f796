import type { HeldUser, ShardDigest } from '../../../domain/migration/state-digest.ts'

/** The users and versions that Backend has, to be compared with ours. */
export type BackendDigest = {
  /**
   * The digests of all 64 shards.
   * @throws Unavailable when Backend does not answer, or not with 64 digests.
   */
  read(): Promise<readonly ShardDigest[]>
  /**
   * The users of one shard; null when Backend offers no such list.
   * @throws Unavailable
   */
  users(shard: number): Promise<readonly HeldUser[] | null>
}
