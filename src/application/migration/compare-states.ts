import type { HeldUser } from '../../domain/migration/state-digest.ts'
import { differingShards } from '../../domain/migration/state-digest.ts'
import type { BackendDigest } from '../../ports/driven/migration/backend.ts'
import type { SyncComparison } from '../../ports/driven/migration/sync-comparison.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { StateComparison, StateDifference } from '../../ports/driving/migration/sync-report.ts'

type Needs = {
  readonly comparison: SyncComparison
  readonly backendDigest: BackendDigest
  readonly pause: Pause
}

/** Users change while both sides compute their digests, so a shard differs only when it differs in four reads. */
const READS = 4
const BETWEEN_READS_MILLISECONDS = 1000

/** Compares Backend's users and versions with ours. Only shards that differ are read user by user. */
export const makeCompareStates = (needs: Needs) => async (): Promise<StateComparison> => {
  const { comparison, backendDigest, pause } = needs
  let shards = await readDifferingShards(needs)
  for (let read = 1; read < READS && shards.length > 0; read += 1) {
    await pause(BETWEEN_READS_MILLISECONDS, NEVER)
    const again = new Set(await readDifferingShards(needs))
    shards = shards.filter((shard) => again.has(shard))
  }
  const differences: StateDifference[] = []
  for (const shard of shards) {
    const theirs = await backendDigest.users(shard)
    if (theirs === null) return { shards, users: null }
    differences.push(...differencesOf(await comparison.users(shard), theirs))
  }
  const underWay = await comparison.underWay(differences.map(({ userId }) => userId))
  return { shards, users: differences.filter(({ userId }) => !underWay.has(userId)) }
}

const NEVER = new AbortController().signal

const readDifferingShards = async ({
  comparison,
  backendDigest,
}: Needs): Promise<readonly number[]> => {
  const [ours, theirs] = await Promise.all([comparison.digest(), backendDigest.read()])
  return differingShards(ours, theirs)
}

const differencesOf = (
  ours: readonly HeldUser[],
  theirs: readonly HeldUser[],
): readonly StateDifference[] => {
  const versions = (held: readonly HeldUser[]) =>
    new Map(held.map(({ userId, version }) => [userId, version]))
  const ourVersions = versions(ours)
  const theirVersions = versions(theirs)
  return [...new Set([...ourVersions.keys(), ...theirVersions.keys()])]
    .map((userId) => ({
      userId,
      ours: ourVersions.get(userId) ?? null,
      theirs: theirVersions.get(userId) ?? null,
    }))
    .filter(({ ours: one, theirs: other }) => one !== other)
}
