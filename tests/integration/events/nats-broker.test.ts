import { afterAll, beforeAll, expect, test } from 'bun:test'
import { nanos } from 'nats'
import { pause } from '../../../src/adapters/platform/pause.ts'
import type { StreamPosition } from '../../../src/domain/events/stream-report.ts'
import { openBroker } from '../../../src/main/compose/resources/open-broker.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import type { Broker } from '../../../src/ports/driven/events/broker.ts'
import type { DeliveryAudit } from '../../../src/ports/driven/events/delivery-audit.ts'
import { withJetStream } from '../../support/builders/events/stored-messages.ts'
import { STREAM } from '../../support/builders/events/stream-history.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import type { GivenNats } from '../../support/servers/nats/given-nats.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

let nats: GivenNats
let broker: Broker
/** Whether events could be published, each time that the auditor looked. */
let readyAtAudit: boolean[] = []
let remembered: StreamPosition | null = null
let failing = false
/** What the next audits wait for. */
let waits: Promise<void>[] = []

const audit: DeliveryAudit = {
  remembered: async () => remembered,
  remember: async (_, position) => {
    remembered = position
  },
  acknowledgedWithin: async () => {
    readyAtAudit.push(broker.isReady())
    await waits.shift()
    if (failing) throw new Error('no database today')
    return { lowest: 1, highest: 1, ranBackwards: false }
  },
  async *acknowledgements() {},
  enqueueAgain: async () => 0,
}

beforeAll(async () => {
  nats = await givenNats()
  const reading = readConfig({ ...nats.environment, NODE_ENV: 'test' }, () => '')
  if ('problems' in reading || reading.config.nats === null) throw new Error('no configuration')
  broker = openBroker(reading.config, {
    audit,
    wake: () => {},
    sendSeconds: 1,
    log: () => {},
    pause,
    chance: () => 0.5,
  })
  broker.connect()
  await until('ready', () => broker.isReady())
}, 30_000)
afterAll(() => broker.close())

const run = async (task: string): Promise<readonly boolean[]> => {
  readyAtAudit = []
  await broker.tasks.find(({ name }) => name === task)?.run()
  return readyAtAudit
}
const look = () => run('streams')
const lookIfNeeded = () => run('streams-until-ready')
const keepFor = (days: number) =>
  withJetStream(nats.connection, ({ streams }) =>
    streams.update(STREAM, { max_age: nanos(days * 86_400_000) }),
  )
const deleteStream = () => withJetStream(nats.connection, ({ streams }) => streams.delete(STREAM))

test('nothing is published on a stream that was created anew before the auditor has looked at it', async () => {
  expect(readyAtAudit).toEqual([false])
  await deleteStream()
  expect(await look()).toEqual([false])
  expect(broker.isReady()).toBe(true)
}, 20_000)

test('the streams are looked at every minute, and every five seconds until they are ready', () => {
  expect(broker.tasks.map(({ name, everySeconds }) => [name, everySeconds])).toEqual([
    ['streams', 60],
    ['streams-until-ready', 5],
  ])
})

test('an audit of a stream that is gone by now does not count for the new one', async () => {
  const audits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  waits = audits.map(({ promise }) => promise)
  const first = look()
  await until('the audit of the old stream', () => readyAtAudit.length === 1)
  await deleteStream()
  const second = look()
  await until('the audit of the new stream', () => readyAtAudit.length === 1)
  audits[0]?.resolve()
  await first
  expect(broker.isReady()).toBe(false)
  audits[1]?.resolve()
  await second
  expect(broker.isReady()).toBe(true)
}, 20_000)

test('publishing goes on while the auditor looks at a stream that it knows', async () => {
  expect(await look()).toEqual([true])
})

test('a stream that an operator has corrected is noticed without waiting for the next minute', async () => {
  await keepFor(1)
  expect(await look()).toEqual([])
  expect(broker.isReady()).toBe(false)
  expect(await lookIfNeeded()).toEqual([])
  await keepFor(7)
  expect(await lookIfNeeded()).toEqual([true])
  expect(broker.isReady()).toBe(true)
  expect(await lookIfNeeded()).toEqual([])
}, 20_000)

test('an auditor that fails does not stop publishing for ever', async () => {
  failing = true
  await deleteStream()
  await expect(look()).rejects.toThrow('no database today')
  expect(broker.isReady()).toBe(true)
}, 20_000)

test('a broker that is closed settles what is under way, and leaves no connection', async () => {
  const published = broker.publisher.publish('user.events', {
    headers: { 'Nats-Msg-Id': 'last' },
    body: new Uint8Array([1]),
  })
  await broker.close()
  expect(await published).toMatchObject({ duplicate: false })
  expect(broker.isReachable()).toBe(false)
  await broker.close()
}, 20_000)
