import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectionOptions, NatsConnection } from 'nats'
import { AckPolicy, connect, ErrorCode, NatsError } from 'nats'
import { consumeUserEvents, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'
import { makeDeadLetters } from '../../../src/adapters/nats/consumers/dead-letters.ts'
import { makeEventConsumers } from '../../../src/adapters/nats/consumers/event-consumers.ts'
import { makeEventStreams } from '../../../src/adapters/nats/streams/event-streams.ts'
import { makeStoredEvents } from '../../../src/adapters/nats/streams/stored-events.ts'
import { userEventStreams } from '../../../src/adapters/nats/streams/user-event-streams.ts'
import type { ConsumerName } from '../../../src/domain/events/consumer-name.ts'
import {
  givenPublisher,
  outcomeOf,
  SUBJECTS,
  TIMEOUT_MS,
} from '../../support/builders/events/given-publisher.ts'
import {
  givenChange,
  givenObserver,
  givenUserEvent,
} from '../../support/builders/events/given-user-events.ts'
import { givenMessage } from '../../support/builders/events/stored-messages.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import type { Server } from '../../support/servers/provide/server.ts'

const NAMES = ['AUTH', 'BACKEND', 'SOCIAL', 'CHAT', 'OPERATOR', 'SYSTEM']
/** Whatever the answer is, it comes as soon as the server is asked. */
const PATIENTLY = { timeout: 20_000 }
const passwordOf = (user: string): string => `password of ${user}`

let server: Server
let auth: Awaited<ReturnType<typeof givenPublisher>>
let backend: NatsConnection

/** A consumer's own client, set up as docs/nats.md says. */
const connectAs = (user: string, options: ConnectionOptions = {}) =>
  connect({
    servers: new URL(server.url).host,
    user,
    pass: passwordOf(user),
    inboxPrefix: `_INBOX.${user}`,
    ...options,
  })

beforeAll(async () => {
  const accounts = await readFile(join(ROOT, 'ops/nats/accounts.conf'), 'utf8')
  const passwords = NAMES.map(
    (name) => `NATS_${name}_PASSWORD: "${passwordOf(name.toLowerCase())}"`,
  )
  server = await givenNatsServer(`${passwords.join('\n')}\n${accounts}`)
  auth = await givenPublisher(server.url, { user: 'auth', password: passwordOf('auth') })
  backend = await connectAs('backend')
  await streams().verify()
}, 60_000)
afterAll(async () => {
  await backend.close()
  await auth.close()
})

const streams = () =>
  makeEventStreams({
    nats: auth.nats,
    streams: userEventStreams(SUBJECTS, 1),
    provision: 'apply',
    log: () => {},
  })

const refusedBy = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work()
  } catch (fault) {
    if (fault instanceof NatsError) return fault.code
    throw fault
  }
  return 'nobody'
}

const readAs = async (
  connection: NatsConnection,
  stream: string,
  name: string,
  filter_subject: string,
): Promise<string[]> => {
  const api = await connection.jetstreamManager()
  await api.consumers.add(stream, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    filter_subject,
  })
  const consumer = await api.jetstream().consumers.get(stream, name)
  const message = await consumer.next({ expires: PATIENTLY.timeout })
  return message === null ? [] : [(await message.ackAck()) ? message.string() : 'not acknowledged']
}

describe('this service', () => {
  test('publishes user events, makes the streams and reads what is stored', async () => {
    expect(streams().isReady()).toBe(false)
    expect((await streams().verify()).map(({ state }) => state)).toEqual([
      'ready',
      'ready',
      'ready',
    ])
    for (const subject of SUBJECTS)
      expect(await outcomeOf(auth.publisher.publish(subject, givenMessage(subject)))).toMatchObject(
        { stream: 'USER_EVENTS' },
      )
    const stored = makeStoredEvents({ nats: auth.nats, stream: 'USER_EVENTS' })
    expect(await Array.fromAsync(stored.read(1, 9))).toHaveLength(3)
  })

  test('lists, finds and removes dead letters, publishes direct subjects and asks whether a consumer exists', async () => {
    await (await backend.jetstreamManager()).consumers.add('USER_EVENTS', {
      durable_name: 'backend',
      ack_policy: AckPolicy.Explicit,
      filter_subject: 'user.events',
    })
    await backend.request('dlq.user.events.backend', 'dead', PATIENTLY)
    const deadLetters = makeDeadLetters({ nats: auth.nats, stream: 'USER_EVENTS_DLQ' })
    for (const consumer of [null, 'backend' as ConsumerName]) {
      const [letter] = await deadLetters.list({ consumer, after: 0, limit: 9 })
      expect(letter).toMatchObject({ consumer: 'backend' })
    }
    const last = await deadLetters.last()
    expect(await deadLetters.find(last)).toMatchObject({ sequence: last })
    await deadLetters.remove(last)
    expect(await deadLetters.list({ consumer: null, after: 0, limit: 9 })).toEqual([])
    const consumers = makeEventConsumers({ nats: auth.nats, stream: 'USER_EVENTS' })
    expect(await consumers.exists('backend' as ConsumerName)).toBe(true)
    expect(await consumers.exists('nobody' as ConsumerName)).toBe(false)
    const stored = makeStoredEvents({ nats: auth.nats, stream: 'USER_EVENTS' })
    expect((await Array.fromAsync(stored.messages())).length).toBeGreaterThan(0)
  })

  test('is refused what is not its own, at once and for good', async () => {
    const began = wakingMilliseconds()
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((id) =>
        outcomeOf(auth.publisher.publish('dlq.user.events.backend', givenMessage(id))),
      ),
    )
    expect(outcomes).toEqual(['permanent', 'permanent', 'permanent'])
    expect(wakingMilliseconds() - began).toBeLessThan(TIMEOUT_MS)
    expect(auth.nats.isConnected()).toBe(true)
  })

  test('cannot remove a stream', async () => {
    const api = await auth.nats.connection()?.jetstreamManager()
    expect(await refusedBy(async () => api?.streams.delete('USER_EVENTS'))).toBe(
      ErrorCode.PermissionsViolation,
    )
  })
})

describe('a consumer', () => {
  test('reads the stream and its own direct subject, and acknowledges', async () => {
    expect(await readAs(backend, 'USER_EVENTS', 'backend', 'user.events')).toEqual(['{"ü":1}'])
    await auth.nats.connection()?.request('direct.user.events.backend', 'for backend', PATIENTLY)
    const mine = 'direct.user.events.backend'
    expect(await readAs(backend, 'USER_EVENTS_DIRECT', 'backend', mine)).toEqual(['for backend'])
  })

  test('with the package of this project moves to version 2, and parks what it cannot handle', async () => {
    const seen = givenObserver()
    const poison = givenUserEvent(givenChange(1, 1), 2)
    await auth.publisher.publish('user.events.v2', poison)
    const consumer = await consumeUserEvents({
      connection: backend,
      name: 'backend',
      version: 2,
      store: makeMemoryStore(),
      handle: async () => {},
      limits: { ackWaitSeconds: 1, deliveries: 2 },
      observer: seen.observer,
    })
    try {
      await consumer.ready
      const both = expect.arrayContaining(['applied', 'dead-letter'])
      await eventually('both results', 20, () => expect(seen.kinds()).toEqual(both))
      expect(seen.troubles).toEqual([])
    } finally {
      await consumer.stop()
    }
    const first = { seq: 1 }
    const api = await backend.jetstreamManager()
    expect(await api.streams.getMessage('USER_EVENTS', first)).toMatchObject(first)
    expect(await api.streams.getMessage('USER_EVENTS_DIRECT', first)).toMatchObject(first)
    const advisory = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES'
    for (const name of ['USER_EVENTS', 'USER_EVENTS_DIRECT'])
      backend.subscribe(`${advisory}.${name}.backend`).unsubscribe()
    await backend.flush()
  })

  test('publishes its own dead letters', async () => {
    const answer = await backend.request('dlq.user.events.backend', 'dead', PATIENTLY)
    expect(answer.json()).toMatchObject({ stream: 'USER_EVENTS_DLQ' })
  })

  test.each([
    'user.events',
    'user.events.v1',
    'user.events.v2',
    'direct.user.events.backend',
    'dlq.user.events.social',
    '$JS.API.STREAM.CREATE.USER_EVENTS',
    '$JS.API.STREAM.UPDATE.USER_EVENTS',
    '$JS.API.STREAM.DELETE.USER_EVENTS',
    '$JS.API.STREAM.PURGE.USER_EVENTS',
    '$JS.API.STREAM.MSG.DELETE.USER_EVENTS',
    '$JS.API.CONSUMER.DELETE.USER_EVENTS.social',
    '$JS.API.CONSUMER.MSG.NEXT.USER_EVENTS.social',
    '$JS.API.CONSUMER.CREATE.USER_EVENTS_DIRECT.backend.direct.user.events.social',
    '$JS.API.CONSUMER.CREATE.USER_EVENTS_DIRECT.backend',
    '$JS.API.CONSUMER.CREATE.USER_EVENTS_DLQ',
  ])('cannot publish %s', async (subject) => {
    expect(await refusedBy(() => backend.request(subject, '{}', PATIENTLY))).toBe(
      ErrorCode.PermissionsViolation,
    )
  })

  test.each(['_INBOX.auth.>', '_INBOX.>', '>', 'user.events', '$JS.ACK.>'])(
    'cannot listen to %s',
    async (subject) => {
      const listening = backend.subscribe(subject)
      expect(await refusedBy(async () => Array.fromAsync(listening))).toBe(
        ErrorCode.PermissionsViolation,
      )
    },
  )
})

test('a connection without a password is refused', async () => {
  expect(await refusedBy(() => connectAs('auth', { pass: '' }))).toBe(
    ErrorCode.AuthorizationViolation,
  )
})
