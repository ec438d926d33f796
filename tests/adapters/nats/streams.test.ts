import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { ConnectionOptions, NatsConnection, StreamConfig } from 'nats'
import { NatsError, nanos, StorageType } from 'nats'
import type { Nats } from '../../../src/adapters/nats/connection/open-nats.ts'
import { makeEventStreams } from '../../../src/adapters/nats/streams/event-streams.ts'
import { userEventStreams } from '../../../src/adapters/nats/streams/user-event-streams.ts'
import type { LogFields } from '../../../src/ports/driven/shared/log.ts'
import { freshStream } from '../../support/builders/events/given-publisher.ts'
import { withJetStream } from '../../support/builders/events/stored-messages.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { accessOf, connectedNats } from '../../support/servers/nats/supervised-nats.ts'

const SUBJECTS = ['user.events', 'user.events.v1']
const MINUTE = nanos(60_000)

let connection: ConnectionOptions
let nats: Nats
let logged: { level: string; fields: LogFields }[]

beforeAll(async () => {
  const given = await givenNats()
  connection = given.connection
  ;({ nats } = await connectedNats(given.url, accessOf(connection)))
}, 60_000)

const removeStreams = () =>
  withJetStream(connection, async ({ streams }) => {
    for (const { name } of userEventStreams([], 1)) await streams.delete(name).catch(() => {})
  })
beforeEach(async () => {
  logged = []
  await removeStreams()
})
afterEach(removeStreams)

const verification = (provision: 'apply' | 'verify', replicas = 1) =>
  makeEventStreams({
    nats,
    streams: userEventStreams(SUBJECTS, replicas),
    provision,
    log: (level, _event, fields = {}) => logged.push({ level, fields }),
  })

const configured = (name: string): Promise<StreamConfig> =>
  withJetStream(connection, async ({ streams }) => (await streams.info(name)).config)

const verifyEvents = async (provision: 'apply' | 'verify', settings: Partial<StreamConfig>) => {
  await freshStream(connection, { subjects: SUBJECTS, ...settings })
  const streams = verification(provision)
  const [report] = await streams.verify()
  return { streams, report }
}

describe('the three streams', () => {
  test('are created as required where that is allowed', async () => {
    const streams = verification('apply')
    expect(streams.isReady()).toBe(false)
    expect((await streams.verify()).map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    expect(streams.isReady()).toBe(true)
    expect(await configured('USER_EVENTS')).toMatchObject({
      subjects: SUBJECTS,
      storage: 'file',
      retention: 'limits',
      discard: 'new',
      max_age: nanos(7 * 86_400_000),
      max_msg_size: 65_536,
      duplicate_window: nanos(300_000),
      num_replicas: 1,
    })
    expect(await configured('USER_EVENTS_DIRECT')).toMatchObject({
      subjects: ['direct.user.events.*'],
      max_age: nanos(3 * 86_400_000),
    })
    expect(await configured('USER_EVENTS_DLQ')).toMatchObject({
      subjects: ['dlq.user.events.*'],
      discard: 'new',
      max_age: nanos(30 * 86_400_000),
    })
  })

  test('are found ready after they are created', async () => {
    await verification('apply').verify()
    const reports = await verification('verify').verify()
    expect(reports.map(({ state, differences }) => [state, differences])).toEqual(
      reports.map(() => ['ready', []]),
    )
  })

  test('are missing, and not made, where it may only look', async () => {
    const streams = verification('verify')
    const reports = await streams.verify()
    expect(reports.map(({ state }) => state)).toEqual(['missing', 'missing', 'missing'])
    expect(streams.isReady()).toBe(false)
    await expect(configured('USER_EVENTS')).rejects.toThrow('stream not found')
  })

  test('cannot be created with more replicas than there are servers, and it says so', async () => {
    const [report] = await verification('apply', 3).verify()
    expect(report?.state).toBe('missing')
    expect(report?.differences.join()).toMatch(/^cannot be created: .*\(\d{5}\)$/)
  })

  test('cannot be created where another has the subjects, and it says so', async () => {
    await withJetStream(connection, ({ streams }) =>
      streams.add({ name: 'WIDE', subjects: ['direct.>', 'dlq.>'] }),
    )
    const reports = await verification('apply').verify()
    await withJetStream(connection, ({ streams }) => streams.delete('WIDE'))
    expect(reports.map(({ state }) => state)).toEqual(['ready', 'missing', 'missing'])
    expect(reports[1]?.differences).toEqual([
      'cannot be created: subjects overlap with an existing stream (10065)',
    ])
  })

  test('report what they hold', async () => {
    const streams = verification('apply')
    await streams.verify()
    for (const id of ['a', 'b'])
      await nats.connection()?.request('user.events', id, { timeout: 20_000 })
    await streams.verify()
    const [events] = streams.reports()
    expect(events?.status).toMatchObject({
      name: 'USER_EVENTS',
      replicasConfigured: 1,
      replicasCurrent: 1,
      messages: 2,
      firstSequence: 1,
      lastSequence: 2,
    })
    expect(events?.status?.bytes).toBeGreaterThan(0)
    expect(Date.now() - Number(events?.status?.createdAt)).toBeLessThan(60_000)
  })

  test('are logged once, until something changes', async () => {
    const streams = verification('verify')
    await streams.verify()
    await streams.verify()
    expect(logged.map(({ level }) => level)).toEqual(['error', 'error', 'error'])
    await freshStream(connection, { subjects: SUBJECTS })
    await streams.verify()
    expect(logged.at(-1)).toEqual({
      level: 'info',
      fields: { stream: 'USER_EVENTS', state: 'ready', differences: '' },
    })
    expect(logged).toHaveLength(4)
  })
})

describe('a stream that could lose events', () => {
  const UNSAFE: [string, Partial<StreamConfig>, string][] = [
    ['is kept in memory', { storage: StorageType.Memory }, 'storage is memory and must be file'],
    [
      'forgets too soon',
      { max_age: 10 * MINUTE },
      'max_age is 600 s and must be at least 604800 s',
    ],
    ['lacks a subject', { subjects: ['user.events'] }, 'subjects lack user.events.v1'],
    [
      'keeps a few messages of a subject',
      { max_msgs_per_subject: 5 },
      'max_msgs_per_subject is 5 and must be unlimited',
    ],
    ['acknowledges nothing', { no_ack: true }, 'no_ack is true and must be false'],
  ]

  test.each(UNSAFE)('because it %s is refused and left as it is', async (_, settings, sentence) => {
    const { streams, report } = await verifyEvents('apply', settings)
    expect(report).toMatchObject({ state: 'drifted', differences: [sentence] })
    expect(streams.isReady()).toBe(false)
    expect(await configured('USER_EVENTS')).toMatchObject(settings)
    expect(logged[0]).toMatchObject({ level: 'error', fields: { differences: sentence } })
  })

  test('because it has too few replicas is refused', async () => {
    await freshStream(connection, { subjects: SUBJECTS })
    const [report] = await verification('apply', 3).verify()
    expect(report).toMatchObject({
      state: 'drifted',
      differences: ['num_replicas is 1 on 1 server and must be 3'],
    })
  })

  test('is not corrected in part', async () => {
    const { report } = await verifyEvents('apply', {
      storage: StorageType.Memory,
      duplicate_window: MINUTE,
    })
    expect(report?.differences).toHaveLength(2)
    expect((await configured('USER_EVENTS')).duplicate_window).toBe(MINUTE)
  })

  test('is ready again as soon as an operator has corrected it', async () => {
    const { streams } = await verifyEvents('verify', { max_age: 10 * MINUTE })
    await withJetStream(connection, (api) => api.streams.update('USER_EVENTS', { max_age: 0 }))
    const [report] = await streams.verify()
    expect(report).toMatchObject({ state: 'ready', differences: [] })
  })
})

describe('a stream that differs without harm', () => {
  const SAFE: [string, Partial<StreamConfig>, string][] = [
    ['duplicate_window', { duplicate_window: MINUTE }, 'is 60 s and must be at least 300 s'],
    ['max_msg_size', { max_msg_size: 1000 }, 'is 1000 and must be 65536'],
  ]

  test.each(SAFE)('in %s is corrected where that is allowed', async (setting, settings) => {
    const { report } = await verifyEvents('apply', settings)
    expect(report).toMatchObject({ state: 'ready', differences: [] })
    expect(await configured('USER_EVENTS')).not.toMatchObject(settings)
    expect(await configured('USER_EVENTS')).toHaveProperty(setting)
  })

  test.each(SAFE)(
    'in %s is reported and left where the service may only verify',
    async (setting, settings, what) => {
      const { streams, report } = await verifyEvents('verify', settings)
      expect(report).toMatchObject({ state: 'ready', differences: [`${setting} ${what}`] })
      expect(streams.isReady()).toBe(true)
      expect(await configured('USER_EVENTS')).toMatchObject(settings)
      expect(logged[0]?.level).toBe('warn')
    },
  )

  test('because it offers more than it must is left alone', async () => {
    const more = { max_age: 0, subjects: ['user.>'], duplicate_window: 60 * MINUTE }
    const { report } = await verifyEvents('apply', more)
    expect(report).toMatchObject({ state: 'ready', differences: [] })
    expect(await configured('USER_EVENTS')).toMatchObject(more)
  })
})

describe('without NATS', () => {
  test('streams stay as they were last seen, and unknown if never seen', async () => {
    let reachable = true
    const streams = makeEventStreams({
      nats: { connection: () => (reachable ? nats.connection() : null) },
      streams: userEventStreams(SUBJECTS, 1),
      provision: 'apply',
      log: () => {},
    })
    reachable = false
    expect((await streams.verify())[0]?.state).toBe('unknown')
    reachable = true
    await streams.verify()
    reachable = false
    expect((await streams.verify())[0]?.state).toBe('ready')
  })
})

describe('a stream that is missing', () => {
  /** Streams on a server that knows none, and answers a request to create one with this fault. */
  const givenRefusal = (fault: Error) =>
    makeEventStreams({
      nats: {
        connection: () =>
          ({
            jetstreamManager: async () => ({
              streams: {
                info: () => Promise.reject(refusal(10_059, 'stream not found')),
                add: () => Promise.reject(fault),
              },
            }),
          }) as unknown as NatsConnection,
      },
      streams: userEventStreams(SUBJECTS, 1),
      provision: 'apply',
      log: (level, _event, fields = {}) => logged.push({ level, fields }),
    })

  test('and that the server refuses to create is reported with the reason', async () => {
    const streams = givenRefusal(refusal(10_047, 'insufficient storage'))
    expect((await streams.verify())[0]).toMatchObject({
      state: 'missing',
      differences: ['cannot be created: insufficient storage (10047)'],
    })
    expect(logged[0]).toMatchObject({ level: 'error', fields: { state: 'missing' } })
  })

  test('and that cannot be created because nobody answers is looked at again, and no reason is made up', async () => {
    const streams = givenRefusal(new NatsError('TIMEOUT', 'TIMEOUT'))
    expect((await streams.verify())[0]).toMatchObject({ state: 'missing', differences: [] })
    expect(logged[0]).toMatchObject({ level: 'warn', fields: { during: 'verify' } })
    expect(streams.isReady()).toBe(false)
  })
})

const refusal = (code: number, description: string): NatsError => {
  const fault = new NatsError(description, String(code))
  fault.api_error = { code: 503, err_code: code, description }
  return fault
}
