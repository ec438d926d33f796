import { fairShare, LEASE_SECONDS } from '../../../../src/domain/events/shard-lease.ts'
import { SHARDS } from '../../../../src/domain/events/user-event.ts'
import type { Leases } from '../../../../src/ports/driven/events/leases.ts'
import type { Clock } from '../../../../src/ports/driven/shared/clock.ts'

type Row = { owner: string | null; epoch: number; expiresAt: number }

/** Leases, and what only a test may ask about them. */
export type ListedLeases = Leases & {
  /** The epoch of the shard's last lease. */
  epochOf(shard: number): number
  /** The instance that holds the shard now; null when its lease has lapsed or was handed back. */
  ownerOf(shard: number): string | null
}

/** Leases in a list, by a clock of the test's. */
export const listedLeases = (clock: Clock): ListedLeases => {
  const rows = Array.from({ length: SHARDS }, (): Row => ({ owner: null, epoch: 0, expiresAt: 0 }))
  const living = new Map<string, number>()
  const free = (row: Row) => {
    row.owner = null
    row.expiresAt = 0
  }

  return {
    epochOf: (shard) => rows[shard]?.epoch ?? 0,
    ownerOf: (shard) => {
      const row = rows[shard]
      return row !== undefined && row.expiresAt > clock().getTime() ? row.owner : null
    },
    async keep(instance) {
      const now = clock().getTime()
      const end = now + LEASE_SECONDS * 1000
      living.set(instance, end)
      const instances = [...living.values()].filter((until) => until > now).length
      const isMine = (row: Row) => row.owner === instance && row.expiresAt > now
      for (const row of rows.filter(isMine)) row.expiresAt = end
      const room = fairShare(SHARDS, instances) - rows.filter(isMine).length
      for (const row of rows
        .filter(({ expiresAt }) => expiresAt <= now)
        .slice(0, Math.max(0, room)))
        Object.assign(row, { owner: instance, epoch: row.epoch + 1, expiresAt: end })
      const others = rows.filter((row) => !isMine(row) && row.expiresAt > now)
      return {
        held: rows.flatMap((row, shard) => (isMine(row) ? [{ shard, epoch: row.epoch }] : [])),
        instances,
        nextLapseSeconds:
          others.length === 0
            ? null
            : (Math.min(...others.map((row) => row.expiresAt)) - now) / 1000,
      }
    },
    async handBack(instance, shards) {
      for (const shard of shards) {
        const row = rows[shard]
        if (row?.owner === instance) free(row)
      }
    },
    async leave(instance) {
      living.delete(instance)
      for (const row of rows) if (row.owner === instance) free(row)
    },
  }
}

/** The leases of the only instance: it holds every shard. */
export const singleOwner: Leases = {
  keep: async () => ({
    held: Array.from({ length: SHARDS }, (_, shard) => ({ shard, epoch: 1 })),
    instances: 1,
    nextLapseSeconds: null,
  }),
  handBack: async () => {},
  leave: async () => {},
}
