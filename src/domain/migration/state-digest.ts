import type { UserId } from '../shared/ids.ts'

/** The digest of one shard: the number of its users, and the SHA-256 of their lines in hexadecimal. */
export type ShardDigest = {
  readonly shard: number
  readonly users: number
  readonly sha256: string
}

/** A user and the version that a service has. Deleted users are left out. */
export type HeldUser = { readonly userId: UserId; readonly version: number }

/** The line of a user in a digest. Lines are sorted by id as text, and each ends with a line feed. */
export const digestLine = ({ userId, version }: HeldUser): string => `${userId}:${version}\n`

/** The shards whose digests differ. */
export const differingShards = (
  one: readonly ShardDigest[],
  other: readonly ShardDigest[],
): readonly number[] => {
  const of = new Map(other.map((digest) => [digest.shard, digest]))
  return one
    .filter(({ shard, users, sha256 }) => {
      const held = of.get(shard)
      return held?.users !== users || held.sha256 !== sha256
    })
    .map(({ shard }) => shard)
}
