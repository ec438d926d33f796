import type { ShardLease } from '../../../domain/events/shard-lease.ts'

export type LeaseHolding = {
  /** The leases of this instance for the next 10 seconds, counted from before the call. */
  readonly held: readonly ShardLease[]
  /** Living instances, this one included. */
  readonly instances: number
  /** Seconds until the next lease of another instance would lapse; null when no other instance holds one. */
  readonly nextLapseSeconds: number | null
}

/** Which instance delivers which shard. Only the database's clock counts; the clocks of the instances do not matter. */
export type Leases = {
  /**
   * Renews the leases of this instance, and takes free and lapsed shards up to its fair share. A lease that lapsed comes
   * back, if at all, with another epoch.
   */
  keep(instance: string): Promise<LeaseHolding>
  /** Frees shards of this instance for the others. No delivery of these shards may be in flight any more. */
  handBack(instance: string, shards: readonly number[]): Promise<void>
  /** Frees all shards of this instance, which no longer counts as living. */
  leave(instance: string): Promise<void>
}
