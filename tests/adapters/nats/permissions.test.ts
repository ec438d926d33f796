import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { NatsConnection } from 'nats'
import { AckPolicy, ErrorCode, headers, NatsError } from 'nats'
import {
  consumeUserEvents,
  makeMemoryStore,
  readDeadLetter,
} from '../../../packages/user-events/src/index.ts'
import { makeDeadLetters } from '../../../src/adapters/nats/consumers/dead-letters.ts'
import { makeEventConsumers } from '../../../src/adapters/nats/consumers/event-consumers.ts'
import { makeProvideConsumer } from '../../../src/adapters/nats/consumers/provide-consumer.ts'
import { makeEventStreams } from '../../../src/adapters/nats/streams/event-streams.ts'
import { makeStoredEvents } from '../../../src/adapters/nats/streams/stored-events.ts'
import { userEventStreams } from '../../../src/adapters/nats/streams/user-event-streams.ts'
import type { ConsumerName } from '../../../src/domain/events/consumer-name.ts'
import type { UserEventSubject } from '../../../src/domain/events/user-event.ts'
import type { DeliverFrom } from '../../../src/ports/driven/events/broker.ts'
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
import {
  answerTo,
  connectAs,
  documentedAccounts,
  everyVerb,
  harmBy,
  passwordOf,
} from '../../support/builders/events/nats-roles.ts'
import { givenMessage } from '../../support/builders/events/stored-messages.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import type { Server } from '../../support/servers/provide/server.ts'

/** Whatever the answer is, it comes as soon as the server is asked. */
const PATIENTLY = { timeout: 20_000 }

const BACKEND = 'backend' as ConsumerName

let server: Server
let auth: Awaited<ReturnType<typeof givenPublisher>>
let backend: NatsConnection
let operator: NatsConnection

beforeAll(async () => {
  server = await givenNatsServer(await documentedAccounts())
  auth = await givenPublisher(server.url, { user: 'auth', password: passwordOf('auth') })
  backend = await connectAs(server, 'backend')
  operator = await connectAs(server, 'operator')
  await streams().verify()
  for (const name of ['backend', 'social']) await provide(name, 'user.events')
}, 60_000)
afterAll(async () => {
  await backend.close()
  await operator.close()
  await auth.close()
})

const streams = () =>
  makeEventStreams({
    nats: auth.nats,
    streams: userEventStreams(SUBJECTS, 1),
    provision: 'apply',
    log: () => {},
  })

/** As `auth nats consumer` does, with the rights of the service. */
const provide = (name: string, subject: UserEventSubject, deliver: DeliverFrom = 'all') =>
  makeProvideConsumer({
    nats: auth.nats,
    streams: { events: 'USER_EVENTS', direct: 'USER_EVENTS_DIRECT' },
  })(name as ConsumerName, subject, deliver)

const outcomesOf = async (provided: ReturnType<typeof provide>) =>
  (await provided).map(({ outcome }) => outcome)

const refusedBy = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work()
  } catch (fault) {
    if (fault instanceof NatsError) return fault.code
    throw fault
  }
  return 'nobody'
}

const readAs = async (connection: NatsConnection, stream: string, name: string) => {
  const consumer = await connection.jetstream().consumers.get(stream, name)
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

describe('the durable consumers of a consumer', () => {
  test('are created by this service, kept the next time, and replaced for another version', async () => {
    expect(await outcomesOf(provide('chat', 'user.events'))).toEqual(['created', 'created'])
    expect(await outcomesOf(provide('chat', 'user.events'))).toEqual(['kept', 'kept'])
    expect(await outcomesOf(provide('chat', 'user.events.v2'))).toEqual(['replaced', 'kept'])
    const api = await operator.jetstreamManager()
    expect((await api.consumers.info('USER_EVENTS', 'chat')).config).toMatchObject({
      filter_subject: 'user.events.v2',
      ack_policy: AckPolicy.Explicit,
      ack_wait: 30_000_000_000,
      max_deliver: 10,
      max_ack_pending: 256,
    })
  })

  test('begin with what is new when that is asked for, and keep their beginning when they are replaced', async () => {
    const api = await operator.jetstreamManager()
    const beginsOf = async () => {
      const { config: events } = await api.consumers.info('USER_EVENTS', 'newsletter')
      const { config: direct } = await api.consumers.info('USER_EVENTS_DIRECT', 'newsletter')
      return [events.deliver_policy, direct.deliver_policy, events.opt_start_time ?? null]
    }
    expect(await outcomesOf(provide('newsletter', 'user.events'))).toEqual(['created', 'created'])
    // It has delivered nothing yet, so it can still begin elsewhere.
    expect(await outcomesOf(provide('newsletter', 'user.events', 'new'))).toEqual([
      'replaced',
      'kept',
    ])
    expect(await beginsOf()).toEqual(['new', 'all', null])
    expect(await outcomesOf(provide('newsletter', 'user.events', 'new'))).toEqual(['kept', 'kept'])
    const { created } = await api.consumers.info('USER_EVENTS', 'newsletter')
    expect(await outcomesOf(provide('newsletter', 'user.events.v2'))).toEqual(['replaced', 'kept'])
    expect(await beginsOf()).toEqual(['by_start_time', 'all', created])
    expect(await outcomesOf(provide('newsletter', 'user.events'))).toEqual(['replaced', 'kept'])
    expect(await beginsOf()).toEqual(['by_start_time', 'all', created])
    for (const stream of ['USER_EVENTS', 'USER_EVENTS_DIRECT'])
      await api.consumers.delete(stream, 'newsletter')
  })

  test('are not touched when the stream does not have the subject, or does not exist', async () => {
    const subject = 'user.events.v3' as UserEventSubject
    expect(provide('chat', subject)).rejects.toThrow('USER_EVENTS does not have the subject')
    const nowhere = makeProvideConsumer({
      nats: auth.nats,
      streams: { events: 'USER_EVENTS', direct: 'NONE' },
    })
    const missing = await nowhere('chat' as ConsumerName, 'user.events.v2', 'all').catch(String)
    expect(missing).toContain('the stream cannot be read')
    const api = await operator.jetstreamManager()
    const { config } = await api.consumers.info('USER_EVENTS', 'chat')
    expect(config.filter_subject).toBe('user.events.v2')
  })
})

describe('a consumer', () => {
  test('reads the stream and its own direct subject, and acknowledges', async () => {
    expect(await readAs(backend, 'USER_EVENTS', 'backend')).toEqual(['{"ü":1}'])
    await auth.nats.connection()?.request('direct.user.events.backend', 'for backend', PATIENTLY)
    expect(await readAs(backend, 'USER_EVENTS_DIRECT', 'backend')).toEqual(['for backend'])
  })

  test('with the package of this project reads what an operator has created, and parks what it cannot handle', async () => {
    const seen = givenObserver()
    const start = () =>
      consumeUserEvents({
        connection: backend,
        name: 'backend',
        version: 2,
        store: makeMemoryStore(),
        handle: async () => {},
        observer: seen.observer,
      })
    const early = await start()
    const asks = 'may not create the durable consumer backend of USER_EVENTS for user.events.v2'
    await eventually('what is missing', 20, () =>
      expect(seen.troubles.map(({ fault }) => String(fault)).join()).toContain(asks),
    )
    await early.stop()
    expect(seen.kinds()).toEqual([])

    expect(await outcomesOf(provide('backend', 'user.events.v2'))).toEqual(['replaced', 'kept'])
    seen.troubles.length = 0
    const poison = givenUserEvent(givenChange(1, 1), 2)
    await auth.publisher.publish('user.events.v2', poison)
    const consumer = await start()
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
  })

  test('publishes its own dead letters', async () => {
    const answer = await backend.request('dlq.user.events.backend', 'dead', PATIENTLY)
    expect(answer.json()).toMatchObject({ stream: 'USER_EVENTS_DLQ' })
  })

  test('cannot make the server drop the dead letter of another as a duplicate [NT1]', async () => {
    expect(await outcomesOf(provide('backend', 'user.events.v2'))).toContain('kept')
    const api = await operator.jetstreamManager()
    const next = (await api.streams.info('USER_EVENTS')).state.last_seq + 1
    const social = await connectAs(server, 'social')
    const taken = headers()
    taken.set('Nats-Msg-Id', `USER_EVENTS:${next}:dlq:backend`)
    await social.request('dlq.user.events.social', '', { ...PATIENTLY, headers: taken })
    await social.close()

    await auth.publisher.publish('user.events.v2', givenMessage('poison'))
    const seen = givenObserver()
    const consumer = await consumeUserEvents({
      connection: backend,
      name: 'backend',
      version: 2,
      store: makeMemoryStore(),
      handle: async () => {},
      observer: seen.observer,
    })
    await eventually('the dead letter', 20, () => expect(seen.kinds()).toContain('dead-letter'))
    await consumer.stop()
    const deadLetters = makeDeadLetters({ nats: auth.nats, stream: 'USER_EVENTS_DLQ' })
    const letters = await deadLetters.list({ consumer: BACKEND, after: 0, limit: 99 })
    const sequences = letters.map(({ message }) => readDeadLetter(message)?.note.sequence)
    expect(sequences).toContain(next)
  })

  test('is answered by nobody but for what it may do, whatever verb of JetStream it tries [NT1]', async () => {
    const answered: string[] = []
    const asked = everyVerb('backend', 'social')
    for (const subject of asked)
      if ((await answerTo(backend, subject)) !== 'nobody') answered.push(subject)
    expect(asked.length).toBeGreaterThan(150)
    expect(answered.toSorted()).toEqual(
      [
        '$JS.API.INFO',
        ...['USER_EVENTS', 'USER_EVENTS_DIRECT'].flatMap((stream) => [
          `$JS.API.STREAM.INFO.${stream}`,
          `$JS.API.STREAM.MSG.GET.${stream}`,
          `$JS.API.CONSUMER.INFO.${stream}.backend`,
          `$JS.API.CONSUMER.MSG.NEXT.${stream}.backend`,
        ]),
        'dlq.user.events.backend',
      ].toSorted(),
    )
  })

  test('stores nothing and moves nothing of others by a reply subject, and reads nothing of others [NT1]', async () => {
    await auth.publisher.publish('user.events', givenMessage('for the taking'))
    expect(await harmBy(backend, operator, 'backend', 'social')).toEqual([])
  })

  test('hears nothing of the account of the streams but what is for it [NT1]', async () => {
    const heard: string[] = []
    backend.subscribe('>', { callback: (_fault, { subject }) => void heard.push(subject) })
    await backend.flush()
    await auth.nats.connection()?.request('user.events', 'all', PATIENTLY)
    await auth.nats.connection()?.request('direct.user.events.social', 'social', PATIENTLY)
    const advisory = '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.USER_EVENTS'
    operator.publish(`${advisory}.social`, '{}')
    operator.publish(`${advisory}.backend`, '{}')
    await operator.flush()
    await eventually('the advisory', 20, () => expect(heard).toContain(`${advisory}.backend`))
    expect(new Set(heard)).toEqual(new Set([`${advisory}.backend`]))
  })
})

test('this service is refused every verb of JetStream that it does not need [NT1]', async () => {
  const connection = await connectAs(server, 'auth')
  const may: string[] = []
  const verbs = everyVerb('one', 'another').filter((verb) => !verb.endsWith('>'))
  for (const subject of verbs)
    if ((await answerTo(connection, subject)) !== 'refused') may.push(subject)
  await connection.close()
  const all = ['USER_EVENTS', 'USER_EVENTS_DIRECT', 'USER_EVENTS_DLQ']
  const ofConsumers = ['one', 'another'].flatMap((name) => [
    ...all.map((stream) => `CONSUMER.INFO.${stream}.${name}`),
    `CONSUMER.MSG.NEXT.USER_EVENTS.${name}`,
    `CONSUMER.MSG.NEXT.USER_EVENTS_DLQ.${name}`,
    `CONSUMER.CREATE.USER_EVENTS.${name}.user.events`,
    `CONSUMER.CREATE.USER_EVENTS.${name}.user.events.v2`,
    `CONSUMER.CREATE.USER_EVENTS_DIRECT.${name}.direct.user.events.${name}`,
    `CONSUMER.DELETE.USER_EVENTS.${name}`,
  ])
  const ofStreams = all.flatMap((stream) =>
    ['INFO', 'CREATE', 'UPDATE'].map((verb) => `STREAM.${verb}.${stream}`),
  )
  const wanted = [
    'INFO',
    ...ofStreams,
    ...ofConsumers,
    'CONSUMER.LIST.USER_EVENTS',
    'CONSUMER.CREATE.USER_EVENTS',
    'CONSUMER.CREATE.USER_EVENTS_DLQ',
    'STREAM.MSG.GET.USER_EVENTS_DLQ',
    'STREAM.MSG.DELETE.USER_EVENTS_DLQ',
  ].map((rest) => `$JS.API.${rest}`)
  const published = [...SUBJECTS, 'direct.user.events.one', 'direct.user.events.another']
  expect(may.toSorted()).toEqual([...wanted, ...published].toSorted())
})

test('an account that imports what belongs to another consumer stops the server, whatever it imports [NT1]', async () => {
  const accounts = await documentedAccounts()
  const imports =
    accounts.match(/\{ (?:service|stream): \{ account: USERS, subject: "[^"]*\bsocial\b.*/g) ?? []
  expect(imports).toHaveLength(11)
  const started = await Promise.all(
    imports.map(async (own) => {
      const foreign = accounts.replace(own, own.replace(/\bsocial\b/, 'chat'))
      return givenNatsServer(foreign).then(
        () => own,
        () => null,
      )
    }),
  )
  expect(started.filter((own) => own !== null)).toEqual([])
})

test('a connection without a password is refused', async () => {
  expect(await refusedBy(() => connectAs(server, 'auth', { pass: '' }))).toBe(
    ErrorCode.AuthorizationViolation,
  )
})
