import { SHARDS } from '../../../src/domain/events/user-event.ts'
import type { Leases } from '../../../src/ports/driven/events/leases.ts'

/** The only instance there is: every shard is its own. */
export const singleOwner: Leases = {
  keep: async () => ({
    held: Array.from({ length: SHARDS }, (_, shard) => ({ shard, epoch: 1 })),
    instances: 1,
    nextLapseSeconds: null,
  }),
  handBack: async () => {},
  leave: async () => {},
}
