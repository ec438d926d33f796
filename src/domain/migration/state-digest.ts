import type { UserId } from '../shared/ids.ts'

/** What one side holds of one shard: how many users, and SHA-256 over the lines `<user id>:<version>`, in hexadecimal. */
export type ShardDigest = {
  readonly shard: number
  readonly users: number
  readonly sha256: string
}

/** A user who is held, by version. Deleted ones are not. */
export type HeldUser = { readonly userId: UserId; readonly version: number }

/** The line of a user. Lines are sorted by id as text and end with a line feed each. */
export const digestLine = ({ userId, version }: HeldUser): string => `${userId}:${version}\n`

/** Shards in which the sides do not hold the same. */
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
