import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  freshStream,
  givenPublisher,
  outcomeOf,
  TIMEOUT_MS,
} from '../../support/builders/events/given-publisher.ts'
import {
  givenMessage,
  storedMessages,
  withJetStream,
} from '../../support/builders/events/stored-messages.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import type { Server } from '../../support/servers/provide/server.ts'

const STREAM = 'USER_EVENTS'
let server: Server
let given: Awaited<ReturnType<typeof givenPublisher>>

const connection = () => ({ servers: new URL(server.url).host })
const idsStored = async () =>
  (await storedMessages(connection(), STREAM)).map(({ headers }) => headers['Nats-Msg-Id'])
const publish = (id: string, topic = 'user.events') =>
  outcomeOf(given.publisher.publish(topic, givenMessage(id)))

beforeAll(async () => {
  server = await givenNatsServer()
}, 60_000)
beforeEach(async () => {
  await freshStream(connection())
  given = await givenPublisher(server.url)
})
afterEach(() => given.close())

describe('a message published to JetStream', () => {
  test('is found with exactly its subject, headers and body', async () => {
    const body = new TextEncoder().encode('{"name":"Zoë"}')
    const headers = { 'Nats-Msg-Id': 'e:c', 'ce-id': 'e', 'ce-time': '2026-11-24T00:00:00.000Z' }
    await given.publisher.publish('user.events.v2', { headers, body })
    expect(await storedMessages(connection(), STREAM)).toEqual([
      { subject: 'user.events.v2', sequence: 1, headers, body },
    ])
  })

  test('is no duplicate of the same event on another channel', async () => {
    expect(await publish('e:nats:user.events')).toMatchObject({ duplicate: false })
    expect(await publish('e:nats:user.events.v1', 'user.events.v1')).toMatchObject({
      duplicate: false,
    })
    expect(await idsStored()).toHaveLength(2)
  })

  test('is retryable while the stream is full, and stored once there is room', async () => {
    await withJetStream(connection(), ({ streams }) => streams.update(STREAM, { max_msgs: 1 }))
    await publish('first')
    expect(await publish('second')).toBe('retryable')
    expect(await idsStored()).toEqual(['first'])
    await withJetStream(connection(), ({ streams }) => streams.update(STREAM, { max_msgs: 2 }))
    expect(await publish('second')).toMatchObject({ duplicate: false, sequence: 2 })
  })

  test('is permanently refused when it is larger than the server takes', async () => {
    const large = givenMessage('large', 'x'.repeat(2 ** 20 + 1))
    expect(await outcomeOf(given.publisher.publish('user.events', large))).toBe('permanent')
    expect(given.nats.isConnected()).toBe(true)
  })

  test('is not published at all on what is no subject', async () => {
    for (const topic of ['', 'user events', 'user.>', '*', 'a..b', '.a', 'a\r\nPUB b 0', 'ü'])
      expect(await publish('id', topic)).toBe('permanent')
    expect(given.nats.isConnected()).toBe(true)
  })

  test('is not published at all with a header that would break the protocol', async () => {
    const message = { headers: { 'ce-id': 'a\r\nb: c' }, body: new Uint8Array() }
    expect(await outcomeOf(given.publisher.publish('user.events', message))).toBe('permanent')
  })

  test('is retryable when another stream has the subject', async () => {
    await withJetStream(connection(), async ({ streams }) => {
      await streams.delete(STREAM)
      await streams.add({ name: 'OTHER', subjects: ['user.events'] })
    })
    expect(await publish('a')).toBe('retryable')
    await withJetStream(connection(), ({ streams }) => streams.delete('OTHER'))
  })

  test('is retryable after the stream was deleted, and stored once it is there again', async () => {
    await withJetStream(connection(), ({ streams }) => streams.delete(STREAM))
    expect(await publish('a')).toBe('retryable')
    await freshStream(connection())
    expect(await publish('a')).toMatchObject({ sequence: 1, duplicate: false })
  })

  test('is ambiguous when another client listens and no stream stores it', async () => {
    await withJetStream(connection(), ({ streams }) => streams.delete(STREAM))
    const listener = given.nats.connection()?.subscribe('user.events')
    expect(await publish('a')).toBe('ambiguous')
    listener?.unsubscribe()
  })
})

describe('a message published while JetStream is hurt', () => {
  afterEach(() => server.thaw())

  test('is ambiguous on a frozen server, and stored once however often it is sent again', async () => {
    await server.freeze()
    expect(await publish('a')).toBe('ambiguous')
    await until('given up', () => !given.nats.isConnected())
    expect(await publish('a')).toBe('retryable')
    await server.thaw()
    await until('back', () => given.nats.isConnected())
    expect(await publish('a')).toMatchObject({ sequence: 1 })
    expect(await idsStored()).toEqual(['a'])
  })

  test('is ambiguous when the server dies before it answers', async () => {
    await server.freeze()
    const publishing = publish('a')
    await server.kill()
    expect(await publishing).toBe('ambiguous')
    await server.start()
    await until('back', () => given.nats.isConnected())
    await publish('a')
    expect(await idsStored()).toEqual(['a'])
  })

  test('is refused at once without a connection, and never sent later', async () => {
    await server.kill()
    await until('gone', () => !given.nats.isConnected())
    expect(await publish('lost')).toBe('retryable')
    given.publisher.publishAsync('user.events', givenMessage('lost too'))
    await server.start()
    await until('back', () => given.nats.isConnected())
    await publish('kept')
    const ids = await idsStored()
    expect(ids).toContain('kept')
    expect(ids).not.toContain('lost')
    expect(ids).not.toContain('lost too')
    expect(given.dropped).toEqual([{ topic: 'user.events', reason: 'retryable' }])
  })

  test('is settled as ambiguous when closing has waited long enough', async () => {
    await server.freeze()
    const outcome = publish('a')
    given.publisher.publishAsync('user.events', givenMessage('b'))
    const began = wakingMilliseconds()
    await given.publisher.close()
    expect(wakingMilliseconds() - began).toBeLessThan(TIMEOUT_MS)
    expect(await outcome).toBe('ambiguous')
    expect(given.dropped).toEqual([{ topic: 'user.events', reason: 'ambiguous' }])
    await server.thaw()
  })
})
