import type { HeldUser, ShardDigest } from '../../../domain/migration/state-digest.ts'
import type { VersionGuard } from '../../../domain/migration/sync-state.ts'

/**
 * Asks Backend whether it drops old versions. Only then may two channels lead to it: without that, the slower channel
 * would overwrite what the faster one delivered.
 */
export type VersionGuardProbe = {
  /** Asks Backend now, for at most 5 seconds. Never rejects. */
  ask(): Promise<VersionGuard>
  /** What Backend's latest answer said, to whatever request. */
  latest(): VersionGuard
}

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
