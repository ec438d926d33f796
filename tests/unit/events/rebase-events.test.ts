import { describe, expect, test } from 'bun:test'
import { makeRebaseEvents } from '../../../src/application/events/rebase-events.ts'
import type { PublishedUser } from '../../../src/domain/events/rebase.ts'
import { fail, ok } from '../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import { givenEvent, givenUserId } from '../../support/builders/events/given-events.ts'

const COUNTS = { lifted: 0, liftedBefore: 0, deleted: 0, deletedBefore: 0 }

const START = { position: '1', oldestOpen: '1' }

type Published = { readonly user: number; readonly version: number; readonly isDeleted?: true }

const given = (
  published: readonly Published[],
  here: readonly number[],
  { isAway = false, isServing = false } = {},
) => {
  const raised: { by: number; vanished: readonly PublishedUser[] }[] = []
  const audited: unknown[] = []
  const rebase = makeRebaseEvents({
    rebases: {
      unknownUsers: async (ids) => ids.filter((id) => !here.map(givenUserId).includes(id)),
      begin: async () => (isServing ? null : START),
      raiseVersions: async (start, by, vanished) => {
        expect(start).toBe(START)
        raised.push({ by, vanished })
        return ok({ ...COUNTS, lifted: here.length, deleted: vanished.length })
      },
    },
    storedEvents: {
      messages: async function* () {
        if (isAway) throw new Unavailable('NATS is not connected')
        for (const each of [{ user: 0, version: 0 }, ...published])
          yield { headers: {}, body: new TextEncoder().encode(JSON.stringify(each)) }
      },
    },
    readPublishedUser: ({ body }) => {
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
  return { rebase, raised, audited }
}

describe('a rebase of events', () => {
  test('announces as deleted the users whom only the stream knows, at their last published version', async () => {
    const published: Published[] = Array.from({ length: 600 }, (_, index) => ({
      user: 2,
      version: index + 1,
    }))
    const { rebase, raised } = given(
      [
        { user: 1, version: 9 },
        ...published,
        { user: 3, version: 1 },
        { user: 3, version: 2, isDeleted: true },
      ],
      [1],
    )
    expect(await rebase()).toEqual(ok({ ...COUNTS, by: 1_000_000, lifted: 1, deleted: 1 }))
    expect(raised).toMatchObject([{ vanished: [{ userId: givenUserId(2), version: 600 }] }])
  })

  test.each([
    [0, 1_000_000],
    [999_999, 1_000_000],
    [1_000_000, 2_000_000],
    [3_000_017, 4_000_000],
  ])('after versions up to %d adds %d to every version', async (highest, by) => {
    const published = highest === 0 ? [] : [{ user: 1, version: highest }]
    expect(await given(published, [1]).rebase()).toMatchObject({ value: { by } })
  })

  test('is neither done nor recorded when the stream cannot be read', async () => {
    const { rebase, raised, audited } = given([], [1], { isAway: true })
    await expect(rebase()).rejects.toBeInstanceOf(Unavailable)
    expect([raised, audited]).toEqual([[], []])
  })

  test('is refused while an instance serves, before the stream is read, and is not recorded [PR2]', async () => {
    const { rebase, raised, audited } = given([], [1], { isServing: true, isAway: true })
    expect(await rebase()).toEqual(fail({ kind: 'still-serving' }))
    expect([raised, audited]).toEqual([[], []])
  })
})
