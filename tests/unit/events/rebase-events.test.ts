import { describe, expect, test } from 'bun:test'
import { makeRebaseEvents } from '../../../src/application/events/rebase-events.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { ToldUser } from '../../../src/ports/driven/events/rebases.ts'
import { givenEvent, givenUserId } from '../../support/builders/given-events.ts'
import { NOON } from '../../support/builders/stored-users.ts'

type Told = { readonly user: number; readonly version: number; readonly isDeleted?: true }

const given = (told: readonly Told[], here: readonly number[], isAway = false) => {
  const leaps: { by: number; vanished: readonly ToldUser[] }[] = []
  const audited: unknown[] = []
  const rebase = makeRebaseEvents({
    rebases: {
      strangers: async (ids) => ids.filter((id) => !here.map(givenUserId).includes(id)),
      leap: async (by, vanished) => {
        leaps.push({ by, vanished })
        return { lifted: here.length, deleted: vanished.length }
      },
    },
    storedMessages: async function* () {
      if (isAway) throw new Unavailable('NATS is not connected')
      for (const each of [{ user: 0, version: 0 }, ...told])
        yield { headers: {}, body: new TextEncoder().encode(JSON.stringify(each)) }
    },
    readToldUser: ({ body }) => {
      const { user, version, isDeleted = false } = JSON.parse(new TextDecoder().decode(body))
      const { userId, state } = givenEvent(user, version, NOON)
      return user === 0 ? null : { userId, version, state, isDeleted }
    },
    stores: {
      audit: {
        append: async (entry) => {
          audited.push(entry)
        },
      },
    },
    identifiers: {
      announcement: () => ({ eventId: givenEvent(1, 1, NOON).eventId, traceparent: null }),
    },
    log: () => {},
    clock: () => NOON,
  })
  return { rebase, leaps, audited }
}

describe('a rebase of events', () => {
  test('announces as gone whom only the stream knows, at the last version it told', async () => {
    const told: Told[] = Array.from({ length: 600 }, (_, index) => ({
      user: 2,
      version: index + 1,
    }))
    const { rebase, leaps } = given(
      [
        { user: 1, version: 9 },
        ...told,
        { user: 3, version: 1 },
        { user: 3, version: 2, isDeleted: true },
      ],
      [1],
    )
    expect(await rebase()).toEqual({ by: 1_000_000, lifted: 1, deleted: 1 })
    expect(leaps).toMatchObject([{ vanished: [{ userId: givenUserId(2), version: 600 }] }])
  })

  test.each([
    [0, 1_000_000],
    [999_999, 1_000_000],
    [1_000_000, 2_000_000],
    [3_000_017, 4_000_000],
  ])('after versions up to %d leaps by %d', async (highest, by) => {
    const told = highest === 0 ? [] : [{ user: 1, version: highest }]
    expect((await given(told, [1]).rebase()).by).toBe(by)
  })

  test('without the stream is neither done nor on record', async () => {
    const { rebase, leaps, audited } = given([], [1], true)
    await expect(rebase()).rejects.toBeInstanceOf(Unavailable)
    expect([leaps, audited]).toEqual([[], []])
  })
})
