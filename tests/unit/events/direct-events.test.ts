import { describe, expect, test } from 'bun:test'
import { makeUserEventCodec } from '../../../src/adapters/codec/user-event-codec.ts'
import { makeDirectEvents } from '../../../src/application/events/direct-events.ts'
import { makePublishToConsumer } from '../../../src/application/events/publish-to-consumer.ts'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import type { UserEvent } from '../../../src/domain/events/user-event.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { AuditEntry } from '../../../src/ports/driven/audit/audit-trail.ts'
import type { EventMessage } from '../../../src/ports/driven/events/event-publisher.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import {
  givenEvent,
  givenEventId,
  givenUserId,
} from '../../support/builders/events/given-events.ts'

type Given = {
  readonly events?: readonly UserEvent[]
  readonly exists?: boolean
  readonly publish?: (message: EventMessage) => Promise<void>
}

const given = ({ events = [], exists = true, publish = async () => {} }: Given = {}) => {
  let elapsed = 0
  let replays = 0
  const sent: { topic: string; headers: EventMessage['headers'] }[] = []
  const audited: AuditEntry[] = []
  const waited: number[] = []
  const pause = async (milliseconds: number) => {
    waited.push(milliseconds)
  }
  const publishToConsumer = makePublishToConsumer({
    direct: {
      publish: async (topic, message) => {
        await publish(message)
        elapsed += 1
        sent.push({ topic, headers: message.headers })
        return { stream: 'USER_EVENTS_DIRECT', sequence: sent.length, duplicate: false }
      },
    },
    pause,
  })
  const behind = (place: { userId: string; version: number } | null) =>
    events.filter(
      ({ userId, version }) =>
        place === null ||
        userId > place.userId ||
        (userId === place.userId && version > place.version),
    )
  const { sendSnapshot, countSnapshot, sendEvents, countEvents } = makeDirectEvents({
    eventConsumers: { exists: async () => exists },
    codec: makeUserEventCodec({ source: 'https://auth.example.com', typePrefix: 'com.example' }),
    publishToConsumer,
    monotonic: () => elapsed,
    pause,
    stores: {
      audit: {
        append: async (entry: AuditEntry) => {
          audited.push(entry)
        },
      },
    },
    identifiers: {
      replayId: () => {
        replays += 1
        return `replay-${replays}`
      },
    },
    log: () => {},
    clock: () => NOON,
    snapshots: {
      page: async (after: string | null, limit: number) =>
        events.filter(({ userId }) => after === null || userId > after).slice(0, limit),
      count: async () => events.length,
    },
    replays: {
      events: async (_: unknown, after: Parameters<typeof behind>[0], limit: number) =>
        behind(after).slice(0, limit),
      countEvents: async () => events.length,
    },
  })
  return { sent, audited, waited, sendSnapshot, countSnapshot, sendEvents, countEvents }
}

const TO_BACKEND = { consumer: 'backend', schemaVersion: null }
const PAGING = { after: null, rate: null, isFirst: true }
const SPAN = { userId: null, from: null, to: null }
const usersOf = (count: number, version = 3) =>
  Array.from({ length: count }, (_, index) => givenEvent(index + 1, version, NOON))

describe('a snapshot for one consumer', () => {
  test('is sent part by part, with the event ids of the ledger and message ids of its own', async () => {
    const { sendSnapshot, sent } = given({ events: usersOf(7) })
    let after: string | null = null
    const parts: number[] = []
    do {
      const part = await sendSnapshot({ ...TO_BACKEND, ...PAGING, rate: '3', after })
      if (!part.ok) throw new Error(part.refusal.kind)
      parts.push(part.value.sent)
      after = part.value.next
    } while (after !== null)
    expect(parts).toEqual([3, 3, 1])
    expect(new Set(sent.map(({ topic }) => topic))).toEqual(new Set(['direct.user.events.backend']))
    expect(sent.map(({ headers }) => headers['ce-id']).toSorted()).toEqual(
      usersOf(7).map(({ eventId }) => String(eventId)),
    )
    expect(sent[0]?.headers['Nats-Msg-Id']).toBe(
      `${givenEventId(1, 3)}:nats:user.events.v2:rreplay-1`,
    )
  })

  test.each([
    ['1', 'user.events'],
    ['2', 'user.events.v2'],
  ])('of schema version %s is written as on the subject %s', async (schemaVersion, subject) => {
    const { sendSnapshot, sent } = given({ events: usersOf(1) })
    await sendSnapshot({ ...TO_BACKEND, ...PAGING, schemaVersion, after: null })
    expect(sent.map(({ headers }) => [headers['Nats-Msg-Id'], headers['ce-dataschema']])).toEqual([
      [
        `${givenEventId(1, 3)}:nats:${subject}:rreplay-1`,
        `https://auth.example.com/schemas/user-events/v${schemaVersion}.json`,
      ],
    ])
  })

  test('keeps its rate: a part that was quick waits for the rest of its time', async () => {
    const { sendSnapshot, waited } = given({ events: usersOf(200) })
    await sendSnapshot({ ...TO_BACKEND, ...PAGING, rate: '100' })
    expect(waited).toEqual([1000 - 100])
    expect((await sendSnapshot({ ...TO_BACKEND, ...PAGING, rate: '20000' })).ok).toBe(true)
    expect(waited).toHaveLength(1)
  })

  test.each(['1', '9999', '10000', '20000'])('takes a rate of %s events a second', async (rate) => {
    const { sendSnapshot } = given({ events: usersOf(1) })
    expect(await sendSnapshot({ ...TO_BACKEND, ...PAGING, rate })).toMatchObject({
      ok: true,
      value: { sent: 1 },
    })
  })

  test('is recorded once, at its first part, with the consumer and the first place', async () => {
    const { sendSnapshot, audited } = given({ events: usersOf(2) })
    await sendSnapshot({ ...TO_BACKEND, ...PAGING, after: givenUserId(1) })
    await sendSnapshot({ ...TO_BACKEND, ...PAGING, after: givenUserId(1), isFirst: false })
    expect(audited).toMatchObject([
      {
        action: 'events.snapshot',
        details: `to backend as on user.events.v2, from ${givenUserId(1)}`,
      },
    ])
  })

  test('has the newest version unless another is given, and needs a known consumer unless a version is given', async () => {
    const schemaOf = async (exists: boolean, schemaVersion: string | null) => {
      const { sendSnapshot, sent } = given({ events: usersOf(1), exists })
      const part = await sendSnapshot({ consumer: 'backend', schemaVersion, ...PAGING })
      return part.ok ? sent[0]?.headers['ce-dataschema']?.slice(-7) : part.refusal.kind
    }
    expect(await schemaOf(true, null)).toBe('v2.json')
    expect(await schemaOf(true, '1')).toBe('v1.json')
    expect(await schemaOf(true, '2')).toBe('v2.json')
    expect(await schemaOf(false, '1')).toBe('v1.json')
    expect(await schemaOf(false, '2')).toBe('v2.json')
    expect(await schemaOf(false, null)).toBe('unknown-consumer')
  })

  test('throws Unavailable when the broker does not confirm, and can be repeated', async () => {
    const { sendSnapshot, sent } = given({
      events: usersOf(2),
      publish: async () => {
        throw new PublishFailure('retryable', 'not connected')
      },
    })
    await expect(sendSnapshot({ ...TO_BACKEND, ...PAGING })).rejects.toBeInstanceOf(Unavailable)
    expect(sent).toEqual([])
  })

  test('is counted without being sent', async () => {
    const { countSnapshot, sent, audited } = given({ events: usersOf(5) })
    expect(await countSnapshot(TO_BACKEND)).toEqual({ ok: true, value: { users: 5 } })
    expect([sent, audited]).toEqual([[], []])
  })

  test.each([
    [{ consumer: 'a.b' }, 'invalid-consumer'],
    [{ consumer: '' }, 'invalid-consumer'],
    [{ schemaVersion: '3' }, 'invalid-schema-version'],
    [{ schemaVersion: '' }, 'invalid-schema-version'],
    [{ rate: '0' }, 'invalid-rate'],
    [{ rate: '20001' }, 'invalid-rate'],
    [{ rate: '1.5' }, 'invalid-rate'],
    [{ rate: '' }, 'invalid-rate'],
    [{ after: 'ada' }, 'invalid-place'],
    [{ after: '' }, 'invalid-place'],
  ] as const)('with %j is refused before anything is sent or recorded', async (wrong, kind) => {
    const { sendSnapshot, sent, audited } = given({ events: usersOf(1) })
    expect(await sendSnapshot({ ...TO_BACKEND, ...PAGING, ...wrong })).toEqual({
      ok: false,
      refusal: { kind },
    } as Awaited<ReturnType<typeof sendSnapshot>>)
    expect([sent, audited]).toEqual([[], []])
  })
})

describe('a replay for one consumer', () => {
  const events = [1, 2, 3].flatMap((user) =>
    [1, 2, 3].map((version) => givenEvent(user, version, NOON)),
  )

  test('sends each user in version order, one after the other, over all its parts', async () => {
    const running = new Set<string>()
    const { sendEvents, sent } = given({
      events,
      publish: async ({ headers }) => {
        const user = headers['ce-subject'] ?? ''
        expect(running.has(user)).toBe(false)
        running.add(user)
        await Promise.resolve()
        running.delete(user)
      },
    })
    let after: string | null = null
    do {
      const part = await sendEvents({ ...TO_BACKEND, ...PAGING, ...SPAN, rate: '4', after })
      if (!part.ok) throw new Error(part.refusal.kind)
      after = part.value.next
    } while (after !== null)
    for (const user of [1, 2, 3])
      expect(
        sent
          .filter(({ headers }) => headers['ce-subject'] === givenUserId(user))
          .map(({ headers }) => Number(headers['ce-sequence'])),
      ).toEqual([1, 2, 3])
    expect(sent).toHaveLength(9)
  })

  test('is recorded with its span, and is counted without being sent', async () => {
    const { sendEvents, countEvents, audited, sent } = given({ events })
    const span = { userId: givenUserId(1), from: '2026-11-24T00:00:00Z', to: null }
    expect(await countEvents({ ...TO_BACKEND, ...span })).toEqual({
      ok: true,
      value: { events: 9 },
    })
    expect([sent, audited]).toEqual([[], []])
    await sendEvents({ ...TO_BACKEND, ...PAGING, ...span })
    expect(audited).toMatchObject([
      {
        action: 'events.replayed',
        subjectId: givenUserId(1),
        details: 'to backend from 2026-11-24T00:00:00.000Z to now',
      },
    ])
  })

  test.each([
    [{ userId: 'ada' }, 'invalid-user-id'],
    [{ from: 'yesterday' }, 'invalid-from'],
    [{ to: '2026-11-24' }, 'invalid-to'],
    [{ from: '2026-11-24T00:00:00Z', to: '2026-11-24T00:00:00Z' }, 'empty-span'],
    [{ after: givenUserId(1) }, 'invalid-place'],
    [{ after: `${givenUserId(1)}.0` }, 'invalid-place'],
    [{ after: `${givenUserId(1)}.1.1` }, 'invalid-place'],
    [{ rate: '-1' }, 'invalid-rate'],
    [{ consumer: '>' }, 'invalid-consumer'],
  ] as const)('with %j is refused before anything is sent or recorded', async (wrong, kind) => {
    const { sendEvents, sent, audited } = given({ events })
    expect(await sendEvents({ ...TO_BACKEND, ...PAGING, ...SPAN, ...wrong })).toEqual({
      ok: false,
      refusal: { kind },
    } as Awaited<ReturnType<typeof sendEvents>>)
    expect([sent, audited]).toEqual([[], []])
  })
})
