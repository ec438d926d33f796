import { describe, expect, test } from 'bun:test'
import { discardEvents } from '../../../src/adapters/cli/events/discard-events.ts'
import { replayEvents } from '../../../src/adapters/cli/events/replay-events.ts'
import { readEvents } from '../../../src/adapters/cli/events/tail-events.ts'
import type { LedgerEntry } from '../../../src/domain/events/ledger-entry.ts'
import { fail, ok } from '../../../src/domain/shared/result.ts'
import type { LedgerQuery } from '../../../src/ports/driven/events/ledger.ts'
import type {
  DiscardRefusal,
  DiscardRequest,
  ReplayRefusal,
  ReplayRequest,
} from '../../../src/ports/driving/events/events.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import {
  givenEvent,
  givenEventId,
  givenUserId,
} from '../../support/builders/events/given-events.ts'

const CHANNEL = 'nats:user.events'

const ENTRY: LedgerEntry = {
  event: givenEvent(1, 2, NOON),
  deliveries: [
    {
      channel: CHANNEL,
      state: 'acknowledged',
      attempts: 1,
      ackedAt: NOON,
      streamSequence: 7,
      lastError: null,
    },
    {
      channel: 'nats:user.events.v1',
      state: 'parked',
      attempts: 1,
      ackedAt: null,
      streamSequence: null,
      lastError: 'too large',
    },
  ],
}

const reading = (entries: readonly LedgerEntry[] = [ENTRY]) => {
  const asked: LedgerQuery[] = []
  const begun: unknown[] = []
  const ledger = {
    read: async (query: LedgerQuery) => {
      asked.push(query)
      return query.after === 'garbage' ? null : { entries: [...entries], next: 'next' }
    },
    beforeLast: async (...question: unknown[]) => {
      begun.push(question)
      return 'ten before the end'
    },
  }
  return { asked, begun, run: (input: unknown) => readEvents.run({ ledger }, input) }
}

describe('a look into the ledger', () => {
  test('shows each change on a line, by ids, with what became of it', async () => {
    const outcome = await reading().run({ after: 'c1' })
    expect(outcome).toMatchObject({
      exitCode: 0,
      lines: [
        `2026-11-24T12:00:00.000Z  updated  ${givenUserId(1)} v2  event ${givenEventId(1, 2)}  username  ` +
          'nats:user.events acknowledged at 7  nats:user.events.v1 parked',
      ],
      next: { after: 'next', isMore: false },
    })
    expect(outcome.lines.join()).not.toContain('user1v2')
  })

  test('begins ten changes before the end, and continues at a given cursor', async () => {
    const { run, asked, begun } = reading()
    const userId = givenUserId(1)
    await run({ isFirst: true, after: null, userId })
    await run({ isFirst: false, after: null })
    expect(begun).toEqual([[10, userId]])
    expect(asked).toEqual([
      { after: 'ten before the end', userId, limit: 100 },
      { after: null, userId: null, limit: 100 },
    ])
  })

  test('says that there is more after a full page', async () => {
    const outcome = await reading(Array(100).fill(ENTRY)).run({})
    expect(outcome.next).toEqual({ after: 'next', isMore: true })
  })

  test.each([{ userId: 'ada' }, { userId: '' }, { after: 'garbage' }])(
    'with %j is refused',
    async (input) => {
      expect(await reading().run(input)).toMatchObject({ exitCode: 1, lines: [expect.any(String)] })
    },
  )
})

describe('the command to replay', () => {
  const given = (refusal: ReplayRefusal | null = null) => {
    const asked: unknown[] = []
    const answer =
      <T>(what: string, value: T) =>
      async (...input: readonly unknown[]) => {
        asked.push([what, ...input])
        return refusal === null ? ok(value) : fail(refusal)
      }
    const needs = {
      replayEvents: answer('replay', { replayed: 3 }),
      countReplay: answer('count', { replayable: 1 }),
    }
    return { asked, run: (input: unknown) => replayEvents.run(needs, input) }
  }
  const request: ReplayRequest = {
    channel: CHANNEL,
    userId: givenUserId(1),
    from: '2026-11-24T00:00:00Z',
    to: null,
  }

  test('replays as the owner, and prints the number of events', async () => {
    const { run, asked } = given()
    expect(await run({ ...request, dryRun: false })).toMatchObject({
      exitCode: 0,
      lines: ['3 events will be delivered again on nats:user.events.'],
    })
    expect(asked).toEqual([['replay', request, null]])
  })

  test('only counts in a dry run', async () => {
    const { run, asked } = given()
    expect(await run({ ...request, dryRun: true })).toMatchObject({
      exitCode: 0,
      lines: ['1 event would be delivered again. Nothing was changed.'],
    })
    expect(asked).toEqual([['count', request]])
  })

  test.each([
    ['unknown-channel', 'channel'],
    ['invalid-user-id', 'user'],
    ['invalid-from', 'start'],
    ['invalid-to', 'end'],
    ['empty-span', 'after the start'],
  ] as const)('reports %s, with and without a dry run', async (kind, word) => {
    for (const dryRun of [true, false]) {
      const outcome = await given({ kind }).run({ ...request, dryRun })
      expect(outcome.exitCode).toBe(1)
      expect(outcome.lines.join()).toContain(word)
      expect(outcome.lines.join()).toEndWith('Nothing was changed.')
    }
  })

  test.each([null, 'text', { channel: 7 }])('given %j names no channel', async (input) => {
    const { run, asked } = given()
    await run(input)
    expect(asked).toEqual([['replay', { channel: '', userId: null, from: null, to: null }, null]])
  })
})

describe('the command to discard', () => {
  const given = (discarded: number, refusal: DiscardRefusal | null = null) => {
    const asked: DiscardRequest[] = []
    const needs = {
      discardEvents: async (request: DiscardRequest) => {
        asked.push(request)
        return refusal === null ? ok({ discarded }) : fail(refusal)
      },
    }
    return { asked, run: (input: unknown) => discardEvents.run(needs, input) }
  }

  test.each([
    [0, 'No parked delivery matches. Nothing was changed.'],
    [1, 'Discarded 1 parked delivery.'],
    [2, 'Discarded 2 parked deliveries.'],
  ])('says that it discarded %d', async (discarded, line) => {
    const { run, asked } = given(discarded)
    const request = { channel: CHANNEL, userId: null, eventId: null, reason: 'too large' }
    expect(await run(request)).toMatchObject({ exitCode: 0, lines: [line] })
    expect(asked).toEqual([request])
  })

  test.each([
    ['nothing-selected', '--channel, --user or --event'],
    ['unknown-channel', 'channel'],
    ['invalid-user-id', 'user'],
    ['invalid-event-id', 'event'],
    ['no-reason', 'reason'],
  ] as const)('reports %s', async (kind, word) => {
    const outcome = await given(0, { kind }).run({})
    expect(outcome.exitCode).toBe(1)
    expect(outcome.lines.join()).toContain(word)
    expect(outcome.lines.join()).toEndWith('Nothing was changed.')
  })
})
