import { describe, expect, test } from 'bun:test'
import type { NatsConnection } from 'nats'
import { nanos } from 'nats'
import type { Nats } from '../../../src/adapters/nats/connection/open-nats.ts'
import { makeEventConsumers } from '../../../src/adapters/nats/consumers/event-consumers.ts'
import { makeJetStreamPublisher } from '../../../src/adapters/nats/publishing/jetstream-publisher.ts'
import { readStream } from '../../../src/adapters/nats/streams/read-stream.ts'
import { streamApi } from '../../../src/adapters/nats/streams/stream-api.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { givenMessage } from '../../support/builders/events/stored-messages.ts'

/** What the client is asked, on a server that has so many messages. */
const given = (messages = 0) => {
  const asked: unknown[][] = []
  let left = messages
  const fetch = async (options: { readonly max_messages: number }) => {
    asked.push(['fetch', options])
    const count = Math.min(left, options.max_messages)
    return (async function* () {
      for (let sent = 0; sent < count; sent += 1) {
        left -= 1
        yield { info: { pending: left } }
      }
    })()
  }
  const api = {
    consumers: {
      add: async (...values: unknown[]) => {
        asked.push(['add', ...values])
        return { name: 'ephemeral', num_pending: messages }
      },
      list: () => [
        positionOf('b', { filter_subjects: ['x', 'y'] }),
        positionOf('a', {}),
        { ...positionOf('c', {}), config: {} },
      ],
    },
    jetstream: () => ({
      consumers: {
        get: async (...values: unknown[]) => {
          asked.push(['get', ...values])
          return { fetch }
        },
      },
    }),
  }
  const connection = {
    jetstreamManager: async (options: unknown) => {
      asked.push(['api', options])
      return api
    },
    request: async (subject: string, body: Uint8Array, options: { readonly timeout: number }) => {
      asked.push(['request', subject, body, options.timeout])
      return { data: new TextEncoder().encode('{"stream":"USER_EVENTS","seq":1}') }
    },
  }
  const nats = { connection: () => connection as unknown as NatsConnection }
  return { nats, asked }
}

const positionOf = (name: string, filter: object) => ({
  name,
  config: { durable_name: name, ...filter },
  num_pending: 1,
  num_ack_pending: 2,
  num_redelivered: 3,
  ack_floor: { stream_seq: 4, consumer_seq: 5 },
})

const all = async (nats: Pick<Nats, 'connection'>, more: object = {}) => {
  let count = 0
  for await (const _ of readStream(nats, { stream: 'USER_EVENTS', first: 7, ...more })) count += 1
  return count
}

const READER = {
  ack_policy: 'none',
  deliver_policy: 'by_start_sequence',
  opt_start_seq: 7,
  headers_only: false,
  inactive_threshold: nanos(30_000),
  mem_storage: true,
  num_replicas: 1,
}

describe('what NATS is asked', () => {
  test('by the management of streams is answered within 3 s, without a question beforehand', async () => {
    const { nats, asked } = given()
    await streamApi(nats)
    expect(asked).toEqual([['api', { checkAPI: false, timeout: 3000 }]])
    await expect(streamApi({ connection: () => null })).rejects.toBeInstanceOf(Unavailable)
  })

  test('to read a stream is a consumer that the server removes by itself, and 500 messages at a time', async () => {
    const { nats, asked } = given(1001)
    expect(await all(nats)).toBe(1001)
    expect(asked.slice(1)).toEqual([
      ['add', 'USER_EVENTS', READER],
      ['get', 'USER_EVENTS', 'ephemeral'],
      ['fetch', { max_messages: 500, expires: 3000 }],
      ['fetch', { max_messages: 500, expires: 3000 }],
      ['fetch', { max_messages: 1, expires: 3000 }],
    ])
  })

  test.each([
    [{ first: 0 }, { opt_start_seq: 1 }],
    [{ subject: 'a.b' }, { filter_subject: 'a.b' }],
    [{ headersOnly: true }, { headers_only: true }],
  ])('to read a stream with %j says so', async (reading, options) => {
    const { nats, asked } = given()
    expect(await all(nats, reading)).toBe(0)
    expect(asked[1]).toEqual(['add', 'USER_EVENTS', { ...READER, ...options }])
    expect(asked).toHaveLength(3)
  })

  test('to read a stream that sends nothing more is Unavailable', async () => {
    const { nats } = given(3)
    const reading = readStream(nats, { stream: 'USER_EVENTS', first: 1 })
    // Somebody else has removed the messages that the server promised.
    for await (const _ of readStream(nats, { stream: 'USER_EVENTS', first: 1 }));
    await expect(reading.next()).rejects.toThrow('the stream sends no more messages')
  })

  test('to store a message is answered within the time of a send', async () => {
    const { nats, asked } = given()
    const publisher = makeJetStreamPublisher({
      nats,
      stream: 'USER_EVENTS',
      timeoutMs: 1234,
      closeWithinMs: 1,
      onDropped: () => {},
      pause: async () => {},
    })
    const message = givenMessage('id')
    await publisher.publish('user.events', message)
    expect(asked).toEqual([['request', 'user.events', message.body, 1234]])
  })

  test('about the durable consumers is answered by name, each with its subjects and counts', async () => {
    const { nats } = given()
    const counts = { pending: 1, ackPending: 2, redelivered: 3, acknowledgedUpTo: 4 }
    expect(await makeEventConsumers({ nats, stream: 'USER_EVENTS' }).list()).toEqual([
      { name: 'a', subject: '>', ...counts },
      { name: 'b', subject: 'x,y', ...counts },
    ])
  })
})

describe('a message that is published in the background', () => {
  test('is dropped while a thousand are under way, and told', async () => {
    const dropped: string[] = []
    const answers: (() => void)[] = []
    const nats = {
      connection: () =>
        ({
          request: () =>
            new Promise((resolve) =>
              answers.push(() =>
                resolve({ data: new TextEncoder().encode('{"stream":"USER_EVENTS","seq":1}') }),
              ),
            ),
        }) as unknown as NatsConnection,
    }
    const publisher = makeJetStreamPublisher({
      nats,
      stream: 'USER_EVENTS',
      timeoutMs: 1000,
      closeWithinMs: 1000,
      onDropped: (topic, reason) => dropped.push(`${topic} ${reason}`),
      pause: (_, signal) => new Promise((end) => signal.addEventListener('abort', () => end())),
    })
    for (let sent = 0; sent < 1001; sent += 1)
      publisher.publishAsync('user.events', givenMessage(String(sent)))
    expect([answers.length, dropped]).toEqual([1000, ['user.events overflow']])
    for (const answer of answers) answer()
    // `close` waits for them, and for nothing else.
    await publisher.close()
    publisher.publishAsync('user.events', givenMessage('late'))
    expect(dropped).toEqual(['user.events overflow', 'user.events closed'])
    await expect(publisher.publish('user.events', givenMessage('late'))).rejects.toMatchObject({
      kind: 'retryable',
      message: 'the publisher is closed',
    })
  })
})
