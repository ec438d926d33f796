import type { Channel } from '../../../domain/events/user-event.ts'

/** What the relay measures; docs/metrics.md has the names that operators see. */
export type DeliveryMeasurements = {
  /** A delivery was acknowledged so many seconds after its commit. */
  delivered(channel: Channel, latencySeconds: number): void
  /** One attempt to deliver has failed. */
  deliveryFailed(channel: Channel, kind: string): void
  /** The outcome of an attempt was not recorded, because the shard had gone to another owner before. */
  fenced(channel: Channel): void
  /** How many shards this instance holds now, and how many of them are new. */
  leases(held: number, gained: number): void
}
