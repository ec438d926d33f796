import { afterEach, describe, expect, mock, spyOn, test } from 'bun:test'
import { gatheringProfiles } from '../../../../src/adapters/postgres/accounts/gathered-profiles.ts'
import type { UsersNeeds } from '../../../../src/adapters/postgres/accounts/users.ts'
import { makeUsers } from '../../../../src/adapters/postgres/accounts/users.ts'
import type { Handle } from '../../../../src/adapters/postgres/driver/database.ts'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import type { Users } from '../../../../src/ports/driven/accounts/users.ts'
import {
  announcement,
  formsOf,
  NOON,
  stateOf,
  uniqueUserId,
} from '../../../support/builders/accounts/stored-users.ts'
import { FIRST } from '../../../support/builders/database/given-stores.ts'

const givenUser = (): User => ({
  ...stateOf(),
  id: uniqueUserId(),
  version: 1,
  createdAt: NOON,
  updatedAt: NOON,
})

/** Profiles in a database that finds none of them, so that each change is made alone afterwards. */
const given = () => {
  let now = 0
  spyOn(performance, 'now').mockImplementation(() => now)
  const steps: string[] = []
  const alone: string[] = []
  const ends: (() => void)[] = []
  const db = {
    execute: () => {
      steps.push('statement')
      return new Promise((resolve) => ends.push(() => resolve([])))
    },
  } as unknown as Handle
  const needs: UsersNeeds = {
    channels: [FIRST],
    announced: () => steps.push('announced'),
    conflicted: () => steps.push('conflicted'),
    monotonic: () => {
      steps.push('clock')
      return 0
    },
    withPartition: (run) => run(),
  }
  const own = {
    update: async (before: User) => {
      alone.push(before.id)
      return fail({ kind: 'stale' as const })
    },
  } as unknown as Users
  const users = gatheringProfiles(own, db, needs)
  const rename = (user = givenUser()) =>
    users.update(
      user,
      { ...user, displayName: 'New' as DisplayName },
      ['displayName'],
      formsOf(user.username),
      announcement(),
    )
  return {
    db,
    needs,
    users,
    rename,
    steps,
    alone,
    statements: () => steps.filter((step) => step === 'statement').length,
    /** Ends the statements as they come until the work is done. */
    drain: async <T>(work: Promise<T>): Promise<T> => {
      // All changes were made at one instant. What waits for others is written some milliseconds later.
      now += 20
      let isDone = false
      const done = work.finally(() => {
        isDone = true
      })
      while (!isDone) {
        for (const end of ends.splice(0)) end()
        await new Promise((resolve) => setImmediate(resolve))
      }
      return done
    },
  }
}

afterEach(() => {
  mock.restore()
})

describe('changes of profiles that arrive at once', () => {
  test('are written 64 by one statement, after the first, which nothing else came with', async () => {
    const { rename, alone, statements, drain } = given()
    const answers = await drain(Promise.all(Array.from({ length: 1 + 64 + 64 }, () => rename())))
    expect(statements()).toBe(2)
    // What the statement did not find is tried alone, and says why.
    expect([answers.length, alone.length]).toEqual([129, 129])
    expect(answers[0]).toEqual({ ok: false, refusal: { kind: 'stale' } })
  })

  test('are refused when 256 wait', async () => {
    const { rename, drain } = given()
    const answers = await drain(Promise.allSettled(Array.from({ length: 400 }, () => rename())))
    const refused = answers.filter(({ status }) => status === 'rejected')
    // Two statements and the first change are under way.
    expect(refused).toHaveLength(400 - 256 - 64 - 1)
    expect(refused[0]).toMatchObject({ reason: expect.any(Unavailable) })
  })

  test('of one user are not written by one statement', async () => {
    const { rename, alone, statements, drain } = given()
    const user = givenUser()
    await drain(Promise.all([rename(), ...Array.from({ length: 5 }, () => rename(user))]))
    // All that came together is of one user, so there is nothing to gather.
    expect([statements(), alone.length]).toEqual([0, 6])
  })

  test('of more than a profile are not gathered', async () => {
    const { users, statements, alone } = given()
    const update = (user: User) =>
      users.update(
        user,
        { ...user, role: 'moderator' },
        ['role'],
        formsOf(user.username),
        announcement(),
      )
    await Promise.all([1, 2, 3].map(() => update(givenUser())))
    expect([statements(), alone.length]).toEqual([0, 3])
  })
})

// The relay compares the instant with the one at which it took the shard. A later one would let it send what another
// instance may have sent.
describe('the instant at which the statement of a change began', () => {
  test('is read before the statement', async () => {
    const { rename, steps, drain } = given()
    await drain(Promise.all([1, 2, 3].map(() => rename())))
    expect(steps).toEqual(['clock', 'statement'])
  })

  test('is read before the statement of a single change too', async () => {
    const { db, needs, steps, drain } = given()
    const user = givenUser()
    const users = makeUsers(db, needs)
    await drain(users.update(user, user, [], formsOf(user.username), announcement()))
    await drain(users.remove(user, announcement()))
    expect(steps).toEqual(['clock', 'statement', 'clock', 'statement'])
  })
})
