import { describe, expect, test } from 'bun:test'
import { retryOnConflict } from '../../../src/application/accounts/retry-on-conflict.ts'
import { fail, ok } from '../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { givenUser } from '../../support/builders/accounts/given-users.ts'

const stale = fail({ kind: 'stale' } as const)

describe('a decision on the stored version', () => {
  test('is made again on the next version when another writer was first', async () => {
    let version = 0
    const decided: number[] = []
    const outcome = await retryOnConflict(
      async () => {
        version += 1
        return givenUser({ version })
      },
      null,
      async (user) => {
        decided.push(user.version)
        return user.version < 4 ? stale : ok(user.version)
      },
    )
    expect(outcome).toEqual(ok(4))
    expect(decided).toEqual([1, 2, 3, 4])
  })

  test('is not made on a version that the caller did not expect', async () => {
    const outcome = await retryOnConflict(
      async () => givenUser({ version: 2 }),
      [1, 3],
      async () => ok('decided'),
    )
    expect(outcome).toEqual(fail({ kind: 'version-mismatch' }))
  })

  test('is not made without a user', async () => {
    const outcome = await retryOnConflict(
      async () => null,
      null,
      async () => ok('decided'),
    )
    expect(outcome).toEqual(fail({ kind: 'not-found' }))
  })

  test('that is refused for another reason is not repeated', async () => {
    let decisions = 0
    const outcome = await retryOnConflict(
      async () => givenUser(),
      null,
      async () => {
        decisions += 1
        return fail({ kind: 'last-admin' })
      },
    )
    expect([outcome, decisions]).toEqual([fail({ kind: 'last-admin' }), 1])
  })

  describe('with a recent user', () => {
    const decideOn = async (
      recent: number,
      present: number,
      expected: readonly number[] | null = null,
    ) => {
      const decided: string[] = []
      const outcome = await retryOnConflict(
        async () => givenUser({ version: present }),
        expected,
        async ({ version }, isRecent) => {
          decided.push(`${version}${isRecent ? ' unread' : ''}`)
          return version === present ? ok(version) : stale
        },
        givenUser({ version: recent }),
      )
      return { outcome, decided }
    }

    test('reads nothing when the recent user is the stored version', async () => {
      expect(await decideOn(3, 3)).toEqual({ outcome: ok(3), decided: ['3 unread'] })
    })

    test('is made again on the stored version when it is not', async () => {
      expect(await decideOn(2, 3)).toEqual({ outcome: ok(3), decided: ['2 unread', '3'] })
    })

    test('is not refused because of the recent version', async () => {
      expect(await decideOn(2, 3, [3])).toEqual({ outcome: ok(3), decided: ['3'] })
      expect((await decideOn(2, 3, [2])).outcome).toEqual(fail({ kind: 'version-mismatch' }))
    })
  })

  test('that always loses against other writers is unavailable', async () => {
    const overtaken = retryOnConflict(
      async () => givenUser(),
      null,
      async () => stale,
    )
    expect(await overtaken.catch((fault: unknown) => fault)).toBeInstanceOf(Unavailable)
  })
})
