import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { ConnectionOptions } from 'nats'
import { headers as emptyHeaders, MsgHdrsImpl } from 'nats'
import type { Nats } from '../../../../../src/adapters/nats/connection/open-nats.ts'
import { makeDeadLetters } from '../../../../../src/adapters/nats/consumers/dead-letters.ts'
import { Unavailable } from '../../../../../src/domain/shared/unavailable.ts'
import type { EventMessage } from '../../../../../src/ports/driven/events/event-publisher.ts'
import { freshStreams } from '../../../../support/builders/events/given-publisher.ts'
import { withJetStream } from '../../../../support/builders/events/stored-messages.ts'
import { givenNats } from '../../../../support/servers/nats/given-nats.ts'
import { accessOf, connectedNats } from '../../../../support/servers/nats/supervised-nats.ts'
import { deadLettersContract } from './dead-letters.contract.ts'

const STREAM = 'USER_EVENTS_DLQ'

let connection: ConnectionOptions
let nats: Nats
beforeAll(async () => {
  const given = await givenNats()
  connection = given.connection
  ;({ nats } = await connectedNats(given.url, accessOf(connection)))
}, 60_000)
afterAll(() => nats.close())

/** As any client does it. */
const put = (subject: string, { headers, body }: EventMessage) =>
  withJetStream(connection, async (api) => {
    const fields = emptyHeaders()
    for (const [name, value] of Object.entries(headers)) fields.set(name, value)
    await api.jetstream().publish(subject, body, { headers: fields })
  })

deadLettersContract('JetStream', async () => {
  await freshStreams(connection)
  return {
    deadLetters: makeDeadLetters({ nats, stream: STREAM }),
    put: (consumer, message) => put(`dlq.user.events.${consumer}`, message),
  }
})

test('dead letters under a subject that is no consumer name are skipped', async () => {
  await freshStreams(connection)
  await put('dlq.user.events.bäckend', { headers: {}, body: new Uint8Array() })
  await put('dlq.user.events.backend', { headers: {}, body: new Uint8Array([1]) })
  const deadLetters = makeDeadLetters({ nats, stream: STREAM })
  const found = await deadLetters.list({ consumer: null, after: 0, limit: 9 })
  expect(found).toMatchObject([{ sequence: 2, message: { headers: {} } }])
  expect(await deadLetters.find(1)).toBeNull()
})

test('a dead letter whose headers break the syntax hides no other one, and can be redriven [NT1]', async () => {
  await freshStreams(connection)
  await withJetStream(connection, async (api) => {
    // The client checks the names that it is given, but not those that it already has.
    const broken = new MsgHdrsImpl()
    broken.headers.set('not a name', ['x'])
    await api.jetstream().publish('dlq.user.events.social', 'body', { headers: broken })
  })
  await put('dlq.user.events.backend', { headers: { 'ce-id': 'a' }, body: new Uint8Array([1]) })
  const deadLetters = makeDeadLetters({ nats, stream: STREAM })
  const found = await deadLetters.list({ consumer: null, after: 0, limit: 9 })
  expect(found).toMatchObject([
    { sequence: 1, consumer: 'social', message: { headers: {}, body: Buffer.from('body') } },
    { sequence: 2, consumer: 'backend', message: { headers: { 'ce-id': 'a' } } },
  ])
  expect(await deadLetters.find(1)).toEqual(found[0] ?? null)
})

test('a dead letter that the stream does not let go is not removed', async () => {
  await withJetStream(connection, async ({ streams }) => {
    await streams.delete(STREAM).catch(() => {})
    await streams.add({ name: STREAM, subjects: ['dlq.user.events.*'], deny_delete: true })
  })
  await put('dlq.user.events.backend', { headers: {}, body: new Uint8Array([1]) })
  const deadLetters = makeDeadLetters({ nats, stream: STREAM })
  await expect(deadLetters.remove(1)).rejects.toBeInstanceOf(Unavailable)
  expect(await deadLetters.find(1)).not.toBeNull()
  await withJetStream(connection, ({ streams }) => streams.delete(STREAM))
  await freshStreams(connection)
})

test('dead letters are unavailable without NATS or without their stream', async () => {
  const away = makeDeadLetters({ nats: { connection: () => null }, stream: STREAM })
  const all = { consumer: null, after: 0, limit: 9 }
  await expect(away.list(all)).rejects.toBeInstanceOf(Unavailable)
  await expect(away.find(1)).rejects.toBeInstanceOf(Unavailable)
  await expect(away.remove(1)).rejects.toBeInstanceOf(Unavailable)
  await withJetStream(connection, ({ streams }) => streams.delete(STREAM))
  const without = makeDeadLetters({ nats, stream: STREAM })
  await expect(without.list(all)).rejects.toBeInstanceOf(Unavailable)
  await expect(without.last()).rejects.toBeInstanceOf(Unavailable)
  await expect(without.find(1)).rejects.toBeInstanceOf(Unavailable)
  await expect(without.remove(1)).rejects.toBeInstanceOf(Unavailable)
})
