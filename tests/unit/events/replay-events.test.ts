import { describe, expect, test } from 'bun:test'
import { makeCountReplay, makeReplayEvents } from '../../../src/application/events/replay-events.ts'
import type { AuditEntry } from '../../../src/ports/driven/audit/audit-trail.ts'
import type {
  ReplayPlace,
  ReplaySelection,
  Replays,
} from '../../../src/ports/driven/events/replays.ts'
import type { LogEvent, LogFields } from '../../../src/ports/driven/shared/log.ts'
import type { ReplayRequest } from '../../../src/ports/driving/events/events.ts'
import { givenUser } from '../../support/builders/accounts/given-users.ts'
import { NOON, sessionOf } from '../../support/builders/accounts/stored-users.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const CHANNEL = 'nats:user.events'
const REPLAY_ID = '0198f3a2-2222-7000-8000-000000000007'
const FOURTEEN_DAYS_AGO = new Date('2026-11-10T12:00:00.000Z')
const ALL: ReplayRequest = { channel: CHANNEL, userId: null, from: null, to: null }
const USER = givenUser()
const CALLER = { ...USER, session: sessionOf(USER) }

type Batch = Awaited<ReturnType<Replays['replay']>>

const given = (batches: readonly Batch[] = [{ replayed: 0, next: null }]) => {
  const done: string[] = []
  const audited: AuditEntry[] = []
  const logged: { event: LogEvent; fields: LogFields | undefined }[] = []
  const asked: { selection: ReplaySelection; replayId: string; after: ReplayPlace | null }[] = []
  const counted: ReplaySelection[] = []
  const replays: Pick<Replays, 'count' | 'replay'> = {
    count: async (selection) => {
      counted.push(selection)
      return 7
    },
    replay: async (selection, replayId, after) => {
      done.push('replay')
      const batch = batches[asked.length]
      asked.push({ selection, replayId, after })
      if (batch === undefined) throw new Error('the outbox is gone')
      return batch
    },
  }
  const needs = {
    replays: { ...replays, countParked: async () => 0, discard: async () => 0 },
    channels: [CHANNEL, 'nats:user.events.v1'] as const,
    stores: {
      audit: {
        append: async (entry: AuditEntry) => {
          done.push('audit')
          audited.push(entry)
        },
      },
    },
    identifiers: { replayId: () => REPLAY_ID },
    wakeRelay: () => {
      done.push('wake')
    },
    log: (_level: string, event: LogEvent, fields?: LogFields) => {
      logged.push({ event, fields })
    },
    clock: () => NOON,
  }
  return {
    done,
    audited,
    logged,
    asked,
    counted,
    replayEvents: makeReplayEvents(needs),
    countReplay: makeCountReplay(needs),
  }
}

describe('a replay', () => {
  test('takes the last 14 days of all users when nothing else is given', async () => {
    const { replayEvents, asked } = given()
    await replayEvents(ALL, null)
    const selection: ReplaySelection = {
      channel: CHANNEL,
      userId: null,
      from: FOURTEEN_DAYS_AGO,
      until: null,
    }
    expect(asked).toEqual([{ selection, replayId: REPLAY_ID, after: null }])
  })

  test('takes the user and the span that were given, and nothing older than 14 days', async () => {
    const { replayEvents, asked } = given([
      { replayed: 0, next: null },
      { replayed: 0, next: null },
    ])
    const userId = givenUserId(3)
    const [from, to] = ['2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z']
    await replayEvents({ ...ALL, userId, from, to }, null)
    await replayEvents({ ...ALL, from: '2020-01-01T00:00:00Z' }, null)
    expect(asked.map(({ selection }) => selection)).toEqual([
      { channel: CHANNEL, userId, from: new Date(from), until: new Date(to) },
      { channel: CHANNEL, userId: null, from: FOURTEEN_DAYS_AGO, until: null },
    ])
  })

  test('goes batch by batch to the end, wakes the relay after each and counts all', async () => {
    const place = { userId: givenUserId(1), version: 500 }
    const { replayEvents, asked, done, logged } = given([
      { replayed: 500, next: place },
      { replayed: 0, next: { ...place, version: 1000 } },
      { replayed: 20, next: null },
    ])
    expect(await replayEvents(ALL, null)).toEqual({ ok: true, value: { replayed: 520 } })
    expect(asked.map(({ after }) => after?.version)).toEqual([undefined, 500, 1000])
    expect(done).toEqual(['audit', 'replay', 'wake', 'replay', 'replay', 'wake'])
    expect(logged).toMatchObject([{ event: 'events.replayed', fields: { replayed: 520 } }])
  })

  test('is recorded with its caller and its selection before anything is done', async () => {
    const { replayEvents, audited, done } = given([])
    await expect(replayEvents({ ...ALL, userId: USER.id }, CALLER)).rejects.toThrow('is gone')
    expect(done).toEqual(['audit', 'replay'])
    expect(audited).toEqual([
      {
        action: 'events.replayed',
        result: 'ok',
        actorId: CALLER.id,
        subjectId: USER.id,
        sessionId: CALLER.session.id,
        addressPrefix: CALLER.session.addressPrefix,
        details: `${CHANNEL} from ${FOURTEEN_DAYS_AGO.toISOString()} to now, replay ${REPLAY_ID}`,
        at: NOON,
      },
    ])
  })

  test('by the owner is recorded without a user', async () => {
    const { replayEvents, audited } = given()
    await replayEvents(ALL, null)
    expect(audited).toMatchObject([{ actorId: null, sessionId: null, addressPrefix: null }])
  })

  test.each([
    [{ channel: 'nats:user.events.v2' }, 'unknown-channel'],
    [{ channel: 'http:backend' }, 'unknown-channel'],
    [{ channel: '' }, 'unknown-channel'],
    [{ userId: "' or 1=1" }, 'invalid-user-id'],
    [{ userId: '' }, 'invalid-user-id'],
    [{ from: 'yesterday' }, 'invalid-from'],
    [{ to: '2026-11-24' }, 'invalid-to'],
    [{ from: '2026-11-24T00:00:00Z', to: '2026-11-24T00:00:00Z' }, 'empty-span'],
    [{ from: '2026-11-24T00:00:00Z', to: '2026-11-23T00:00:00Z' }, 'empty-span'],
  ] as const)('of %j is refused before anything is asked or recorded', async (wrong, kind) => {
    const { replayEvents, countReplay, done, counted } = given()
    const refused = { ok: false, refusal: { kind } } as const
    expect(await replayEvents({ ...ALL, ...wrong }, null)).toEqual(refused)
    expect(await countReplay({ ...ALL, ...wrong })).toEqual(refused)
    expect([done, counted]).toEqual([[], []])
  })

  test('that is only counted changes nothing and is not recorded', async () => {
    const { countReplay, counted, done } = given()
    expect(await countReplay(ALL)).toEqual({ ok: true, value: { replayable: 7 } })
    expect(counted).toMatchObject([{ channel: CHANNEL, from: FOURTEEN_DAYS_AGO }])
    expect(done).toEqual([])
  })
})
