import { describe, expect, test } from 'bun:test'
import { makeDiscardEvents } from '../../../src/application/events/dead-letters/discard-events.ts'
import type { AuditEntry } from '../../../src/ports/driven/audit/audit-trail.ts'
import type { ParkedSelection } from '../../../src/ports/driven/events/replays.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const CHANNEL = 'nats:user.events'
const USER_ID = givenUserId(3)
const EVENT_ID = '0198f3a2-1111-7000-8000-000000000009'
const REQUEST = { channel: CHANNEL, userId: null, eventId: null, reason: 'nobody reads it' }

const given = (parked: number, throws = false) => {
  const audited: AuditEntry[] = []
  const asked: ParkedSelection[] = []
  let left = parked
  const discardEvents = makeDiscardEvents({
    replays: {
      countParked: async () => left,
      discard: async (selection, limit) => {
        asked.push(selection)
        if (throws) throw new Error('the outbox is gone')
        const removed = Math.min(left, limit)
        left -= removed
        return removed
      },
    },
    stores: {
      audit: {
        append: async (entry) => {
          audited.push(entry)
        },
      },
    },
    log: () => {},
    clock: () => NOON,
  })
  return { discardEvents, audited, asked }
}

describe('discarding', () => {
  test('discards all that match, in as many batches as needed', async () => {
    const { discardEvents, asked } = given(1000)
    expect(await discardEvents(REQUEST)).toEqual({ ok: true, value: { discarded: 1000 } })
    expect(asked).toEqual(Array(3).fill({ channel: CHANNEL, userId: null, eventId: null }))
  })

  test('is recorded with its reason before anything is discarded', async () => {
    const { discardEvents, audited } = given(2, true)
    const request = { channel: null, userId: USER_ID, eventId: EVENT_ID, reason: ' too large \n' }
    await expect(discardEvents(request)).rejects.toThrow('is gone')
    expect(audited).toEqual([
      {
        action: 'events.discarded',
        result: 'ok',
        actorId: null,
        subjectId: USER_ID,
        addressPrefix: null,
        details: `2 parked on any channel, event ${EVENT_ID}: too large`,
        at: NOON,
      },
    ])
  })

  test('that matches nothing is not recorded', async () => {
    const { discardEvents, audited, asked } = given(0)
    expect(await discardEvents(REQUEST)).toEqual({ ok: true, value: { discarded: 0 } })
    expect([audited, asked]).toEqual([[], []])
  })

  test('on a channel that is no longer served is possible', async () => {
    const { discardEvents } = given(1)
    const request = { ...REQUEST, channel: 'nats:user.events.v2' }
    expect(await discardEvents(request)).toEqual({ ok: true, value: { discarded: 1 } })
  })

  test.each([
    [{ channel: null }, 'nothing-selected'],
    [{ channel: 'nats:orders' }, 'unknown-channel'],
    [{ channel: '' }, 'unknown-channel'],
    [{ userId: 'ada' }, 'invalid-user-id'],
    [{ eventId: EVENT_ID.toUpperCase() }, 'invalid-event-id'],
    [{ reason: '' }, 'no-reason'],
    [{ reason: ' \t' }, 'no-reason'],
    [{ reason: 'x'.repeat(501) }, 'no-reason'],
    [{ reason: 'a\u202eb' }, 'no-reason'],
    [{ reason: 'one\ntwo' }, 'no-reason'],
  ] as const)('with %j is refused and changes nothing', async (wrong, kind) => {
    const { discardEvents, audited, asked } = given(1)
    const outcome = await discardEvents({ ...REQUEST, ...wrong })
    expect(outcome).toEqual({ ok: false, refusal: { kind } })
    expect([audited, asked]).toEqual([[], []])
  })
})
