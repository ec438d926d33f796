import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { makeCompareStates } from '../../../src/application/migration/compare-states.ts'
import { SHARDS, shardOf } from '../../../src/domain/events/user-event.ts'
import type { HeldUser } from '../../../src/domain/migration/state-digest.ts'
import { digestLine } from '../../../src/domain/migration/state-digest.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const held = (...versions: readonly (number | null)[]): readonly HeldUser[] =>
  versions.flatMap((version, user) =>
    version === null ? [] : [{ userId: givenUserId(user), version }],
  )
const ofShard = (users: readonly HeldUser[], shard: number) =>
  users.filter(({ userId }) => shardOf(userId) === shard)
const digestOf = (users: readonly HeldUser[]) =>
  Array.from({ length: SHARDS }, (_, shard) => {
    const lines = ofShard(users, shard).map(digestLine).join('')
    const sha256 = createHash('sha256').update(lines).digest('hex')
    return { shard, users: ofShard(users, shard).length, sha256 }
  })

type Looks = readonly (readonly HeldUser[])[]

/** The data of both sides, one entry for each read. */
const given = (
  ours: Looks,
  theirs: Looks,
  options: { readonly underWay?: number; readonly inDetail?: boolean } = {},
) => {
  const read: number[] = []
  let look = 0
  const at = (looks: Looks) => looks[Math.min(look, looks.length - 1)] ?? []
  const compare = makeCompareStates({
    comparison: {
      onlyOn: async () => 0,
      orderViolations: async () => 0,
      digest: async () => digestOf(at(ours)),
      users: async (shard) => ofShard(at(ours), shard),
      underWay: async () =>
        new Set(options.underWay === undefined ? [] : [givenUserId(options.underWay)]),
    },
    backendDigest: {
      read: async () => digestOf(at(theirs)),
      users: async (shard) => {
        read.push(shard)
        return options.inDetail === false ? null : ofShard(at(theirs), shard)
      },
    },
    pause: async () => {
      look += 1
    },
  })
  return { compare, read }
}

describe('comparing what a receiver holds', () => {
  test('finds nothing when both hold the same, and reads no users', async () => {
    const { compare, read } = given([held(1, 2, 3)], [held(1, 2, 3)])
    expect(await compare()).toEqual({ shards: [], users: [] })
    expect(read).toEqual([])
  })

  test('names the users who are older, missing or should be deleted, and reads their shards only', async () => {
    const { compare, read } = given([held(1, 5, 3, null)], [held(1, 4, null, 2)])
    const { shards, users } = await compare()
    expect(users).toEqual(
      expect.arrayContaining([
        { userId: givenUserId(1), ours: 5, theirs: 4 },
        { userId: givenUserId(2), ours: 3, theirs: null },
        { userId: givenUserId(3), ours: null, theirs: 2 },
      ]),
    )
    expect(users).toHaveLength(3)
    expect(read).toEqual([...shards])
    expect(shards.length).toBeLessThanOrEqual(3)
  })

  test('does not count what the receiver catches up with meanwhile', async () => {
    const { compare, read } = given([held(2)], [held(1), held(1), held(2)])
    expect(await compare()).toEqual({ shards: [], users: [] })
    expect(read).toEqual([])
  })

  test('does not count users for whom something is under way', async () => {
    const { compare } = given([held(2, 2)], [held(1, 1)], { underWay: 0 })
    expect((await compare()).users).toEqual([{ userId: givenUserId(1), ours: 2, theirs: 1 }])
  })

  test('names only the shards when the receiver gives no details', async () => {
    const { compare } = given([held(2)], [held(1)], { inDetail: false })
    expect(await compare()).toEqual({ shards: [shardOf(givenUserId(0))], users: null })
  })
})
