/** The right to deliver the events of one shard. The epoch grows with each new owner, so that a former owner is recognised. */
export type ShardLease = { readonly shard: number; readonly epoch: number }

export const LEASE_SECONDS = 10
export const RENEW_SECONDS = 3
/** An owner stops sending this long before its lease ends, in addition to the time that a send may take. */
export const SAFETY_SECONDS = 1

/** The most shards that one of `instances` instances may hold. */
export const fairShare = (shards: number, instances: number): number =>
  Math.ceil(shards / Math.max(1, instances))
