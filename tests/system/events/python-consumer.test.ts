import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { NatsConnection } from 'nats'
import { headers as makeHeaders } from 'nats'
import type { WireMessage } from '../../../packages/user-events/src/index.ts'
import { readDeadLetter } from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'
import { makeProvideConsumer } from '../../../src/adapters/nats/consumers/provide-consumer.ts'
import { makeEventStreams } from '../../../src/adapters/nats/streams/event-streams.ts'
import { userEventStreams } from '../../../src/adapters/nats/streams/user-event-streams.ts'
import type { ConsumerName } from '../../../src/domain/events/consumer-name.ts'
import { givenPublisher, SUBJECTS } from '../../support/builders/events/given-publisher.ts'
import {
  givenChange,
  givenUserEvent,
  userIdOf,
} from '../../support/builders/events/given-user-events.ts'
import {
  connectAs,
  documentedAccounts,
  passwordOf,
} from '../../support/builders/events/nats-roles.ts'
import type { Spawned } from '../../support/processes/native/spawn-process.ts'
import { spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { installPythonPackages } from '../../support/servers/provide/install-programs.ts'

const packages = await installPythonPackages(['nats-py==2.16.0'])
// The accounts of an installation: the consumer may do there what docs/consume.md lists, and nothing else.
const server = await givenNatsServer(await documentedAccounts())
const auth = await givenPublisher(server.url, { user: 'auth', password: passwordOf('auth') })
const path = join(temporaryFolder(), 'users.db')
let operator: NatsConnection

beforeAll(async () => {
  operator = await connectAs(server, 'operator')
  const { nats } = auth
  const streams = userEventStreams(SUBJECTS, 1)
  await makeEventStreams({ nats, streams, provision: 'apply', log: () => {} }).verify()
  const names = { events: 'USER_EVENTS', direct: 'USER_EVENTS_DIRECT' }
  await makeProvideConsumer({ nats, streams: names })(
    'social' as ConsumerName,
    'user.events',
    'all',
  )
}, 60_000)
afterAll(async () => {
  await operator.close()
  await auth.close()
})

const start = () =>
  spawnProcess(['python3', '-B', join(ROOT, 'examples/python/consumer.py')], {
    NATS_URL: server.url,
    NATS_USER: 'social',
    NATS_PASSWORD: passwordOf('social'),
    DATABASE: path,
    PYTHONPATH: packages,
  })
const said = (consumer: Spawned, ...lines: readonly string[]) =>
  consumer.waitFor(
    lines.join(),
    ({ stdout }) => lines.every((line) => stdout.split('\n').includes(line)) || undefined,
    30,
  )
/** Answers the sequence of the stored message. */
const send = async (subject: string, { headers, body }: WireMessage): Promise<number> => {
  const named = makeHeaders()
  for (const [name, value] of Object.entries(headers)) named.set(name, value)
  return (await operator.jetstream().publish(subject, body, { headers: named, timeout: 20_000 }))
    .seq
}
const publish = (
  version: number,
  more: { readonly action?: 'deleted'; readonly replay?: string } = {},
) => {
  const { replay = null, ...fields } = more
  return send('user.events', givenUserEvent(givenChange(1, version, fields), 1, replay))
}
const names = () => {
  const database = new Database(path, { readonly: true })
  try {
    return database.query('select id, name from users').all()
  } finally {
    database.close()
  }
}

test('the example in Python applies, drops, parks, and lets a user come back, with the rights of a consumer', async () => {
  const consumer = start()
  await publish(1)
  await said(consumer, 'applied 0001 1')
  await publish(2)
  await publish(2, { replay: 'again' })
  await publish(1, { replay: 'again' })
  await publish(5)
  await said(consumer, 'applied 0001 2', 'duplicate 0001 2', 'stale 0001 1', 'gap 0001 5')
  expect(names()).toEqual([{ id: userIdOf(1), name: 'version 5' }])
  await publish(6, { action: 'deleted' })
  await said(consumer, 'applied 0001 6')
  expect(names()).toEqual([])
  await publish(7)
  await said(consumer, 'applied 0001 7')
  expect(names()).toEqual([{ id: userIdOf(1), name: 'version 7' }])

  const direct = givenUserEvent(givenChange(2, 4), 2)
  await send('direct.user.events.social', direct)
  await said(consumer, 'applied 0002 4')

  const malformed = { headers: direct.headers, body: new TextEncoder().encode('{"id":') }
  const headers = { ...malformed.headers, 'Nats-Msg-Id': 'malformed' }
  const sequence = await send('direct.user.events.social', {
    ...malformed,
    headers,
  })
  await said(consumer, `dead-letter malformed USER_EVENTS_DIRECT ${sequence}`)
  const api = await operator.jetstreamManager()
  const stored = await api.streams.getMessage('USER_EVENTS_DLQ', {
    last_by_subj: 'dlq.user.events.social',
  })
  const letter = readDeadLetter({
    headers: Object.fromEntries([...stored.header].map(([name, values]) => [name, values.join()])),
    body: stored.data,
  })
  expect(letter).toMatchObject({
    note: {
      consumer: 'social',
      reason: 'malformed',
      attempts: 1,
      stream: 'USER_EVENTS_DIRECT',
      sequence,
    },
    original: { headers, body: malformed.body },
  })

  await eventually('all are acknowledged', 30, async () => {
    for (const stream of ['USER_EVENTS', 'USER_EVENTS_DIRECT']) {
      const { num_pending, num_ack_pending } = await api.consumers.info(stream, 'social')
      expect([num_pending, num_ack_pending]).toEqual([0, 0])
    }
  })
  consumer.signal('SIGTERM')
  expect(await consumer.ended()).toMatchObject({ exitCode: 0, stderr: '' })
}, 120_000)

test('the example in Python parks what nobody answered, tries again what failed, and outlives its database', async () => {
  const consumer = start()
  const sequence = await publish(9)
  await said(consumer, 'gap 0001 9')
  // As the server says it, when a message was delivered for the last time.
  const tell = (stored: number) =>
    operator.publish(
      '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.USER_EVENTS.social',
      JSON.stringify({ stream_seq: stored, deliveries: 10 }),
    )
  const database = new Database(path)
  database.exec('begin immediate')
  const unanswered = await publish(11)
  await consumer.waitFor(
    'the wait',
    ({ stderr }) => stderr.includes('database is locked') || undefined,
    30,
  )
  tell(sequence)
  tell(unanswered)
  await said(consumer, `dead-letter never-answered USER_EVENTS ${unanswered}`)
  database.exec('rollback')
  await said(consumer, 'gap 0001 11')
  expect(consumer.output().stdout).not.toContain(`never-answered USER_EVENTS ${sequence}\n`)

  database.exec('alter table users rename to others')
  await publish(12)
  await said(consumer, 'retry 0001 12')
  database.exec('alter table others rename to users')
  database.close()
  await said(consumer, 'applied 0001 12')
  consumer.signal('SIGTERM')
  expect((await consumer.ended()).exitCode).toBe(0)
}, 120_000)
