/** The right to deliver a shard's events. The epoch grows with each owner, so that a late one is recognised. */
export type ShardLease = { readonly shard: number; readonly epoch: number }

export const LEASE_SECONDS = 10
export const RENEW_SECONDS = 3
/** How long before the end of a lease its owner stops to send, besides what a send may take. */
export const SAFETY_SECONDS = 1

/** How many shards one of so many instances may hold at most. */
export const fairShare = (shards: number, instances: number): number =>
  Math.ceil(shards / Math.max(1, instances))
