import type { ShardLease } from '../../../domain/events/shard-lease.ts'

export type LeaseHolding = {
  /** What this instance holds for the next 10 seconds, counted from before the call. */
  readonly held: readonly ShardLease[]
  /** Living instances, this one included. */
  readonly instances: number
  /** Seconds until the next lease of another instance would lapse; null when there is none. */
  readonly nextLapseSeconds: number | null
}

/** Who delivers which shard. All by the database's clock: those of the instances do not matter. */
export type Leases = {
  /**
   * Renews what this instance holds, and takes free and lapsed shards up to its fair share. A shard that lapsed
   * comes back, if at all, with another epoch.
   */
  keep(instance: string): Promise<LeaseHolding>
  /** Frees shards of this instance for others. Nothing of theirs may be in flight any more. */
  handBack(instance: string, shards: readonly number[]): Promise<void>
  /** Frees all shards of this instance, which from now on does not count as living. */
  leave(instance: string): Promise<void>
}
