import type { HeldUser } from '../../domain/migration/state-digest.ts'
import { differingShards } from '../../domain/migration/state-digest.ts'
import type { ReceiverDigest } from '../../ports/driven/migration/receiver-digest.ts'
import type { SyncComparison } from '../../ports/driven/migration/sync-comparison.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { StateComparison, StateDifference } from '../../ports/driving/migration/sync-report.ts'

type Needs = {
  readonly comparison: SyncComparison
  readonly receiverDigest: ReceiverDigest
  readonly pause: Pause
}

/** Changes go on while both sides count, so only what still differs after a few looks counts. */
const LOOKS = 4
const BETWEEN_LOOKS_MILLISECONDS = 1000

/** Compares what a receiver holds with what this service holds; only shards that differ are read user by user. */
export const makeCompareStates = (needs: Needs) => async (): Promise<StateComparison> => {
  const { comparison, receiverDigest, pause } = needs
  let shards = await lookAt(needs)
  for (let look = 1; look < LOOKS && shards.length > 0; look += 1) {
    await pause(BETWEEN_LOOKS_MILLISECONDS, NEVER)
    const again = new Set(await lookAt(needs))
    shards = shards.filter((shard) => again.has(shard))
  }
  const differences: StateDifference[] = []
  for (const shard of shards) {
    const theirs = await receiverDigest.users(shard)
    if (theirs === null) return { shards, users: null }
    differences.push(...differencesOf(await comparison.users(shard), theirs))
  }
  const underWay = await comparison.underWay(differences.map(({ userId }) => userId))
  return { shards, users: differences.filter(({ userId }) => !underWay.has(userId)) }
}

const NEVER = new AbortController().signal

const lookAt = async ({ comparison, receiverDigest }: Needs): Promise<readonly number[]> => {
  const [ours, theirs] = await Promise.all([comparison.digest(), receiverDigest.read()])
  return differingShards(ours, theirs)
}

const differencesOf = (
  ours: readonly HeldUser[],
  theirs: readonly HeldUser[],
): readonly StateDifference[] => {
  const versions = (held: readonly HeldUser[]) =>
    new Map(held.map(({ userId, version }) => [userId, version]))
  const [mine, yours] = [versions(ours), versions(theirs)]
  return [...new Set([...mine.keys(), ...yours.keys()])]
    .map((userId) => ({
      userId,
      ours: mine.get(userId) ?? null,
      theirs: yours.get(userId) ?? null,
    }))
    .filter(({ ours: one, theirs: other }) => one !== other)
}
