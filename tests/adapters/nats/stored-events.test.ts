import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import type { ConnectionOptions } from 'nats'
import type { Nats } from '../../../src/adapters/nats/connection/open-nats.ts'
import { makeStoredEvents } from '../../../src/adapters/nats/streams/stored-events.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { freshStream } from '../../support/builders/events/given-publisher.ts'
import { withJetStream } from '../../support/builders/events/stored-messages.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { accessOf, connectedNats } from '../../support/servers/nats/supervised-nats.ts'

const STREAM = 'USER_EVENTS'
let connection: ConnectionOptions
let nats: Nats
const stored = () => makeStoredEvents({ nats, stream: STREAM })

beforeAll(async () => {
  const given = await givenNats()
  connection = given.connection
  ;({ nats } = await connectedNats(given.url, accessOf(connection)))
}, 60_000)
beforeEach(() => freshStream(connection))

const publish = (count: number) =>
  withJetStream(connection, async (api) => {
    const publishing = Array.from({ length: count }, (_, index) =>
      api.jetstream().publish('user.events', `body ${index}`, { msgID: `id-${index + 1}` }),
    )
    await Promise.all(publishing)
  })
const read = async (first: number, last: number) => Array.fromAsync(stored().read(first, last))

describe('the stream as an auditor sees it', () => {
  test('has the position of its first and last message and its time of creation', async () => {
    expect(await stored().position()).toMatchObject({ firstSequence: 0, lastSequence: 0 })
    await publish(3)
    const position = await stored().position()
    expect(position).toMatchObject({ firstSequence: 1, lastSequence: 3 })
    await withJetStream(connection, ({ streams }) => streams.purge(STREAM, { seq: 3 }))
    expect(await stored().position()).toMatchObject({ firstSequence: 3, lastSequence: 3 })
    await freshStream(connection)
    const anew = await stored().position()
    expect(Number(anew?.createdAt)).toBeGreaterThan(Number(position?.createdAt))
  })

  test('has no position when it was deleted', async () => {
    await withJetStream(connection, ({ streams }) => streams.delete(STREAM))
    expect(await stored().position()).toBeNull()
  })

  test('gives the message ids of a range in order, over many batches', async () => {
    await publish(1203)
    const all = await read(1, 1203)
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index + 1))
    expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(1203)
    expect((await read(7, 9)).map(({ sequence }) => sequence)).toEqual([7, 8, 9])
    expect(all[0]).toEqual({ sequence: 1, topic: 'user.events', messageId: 'id-1' })
  })

  test('passes over what is no longer stored, and what was published without an id has none', async () => {
    await publish(4)
    await nats.connection()?.request('user.events', 'plain', { timeout: 20_000 })
    await withJetStream(connection, ({ streams }) => streams.deleteMessage(STREAM, 2))
    expect((await read(1, 99)).map(({ messageId }) => messageId)).toEqual([
      'id-1',
      'id-3',
      'id-4',
      null,
    ])
  })

  test('is empty beyond its end', async () => {
    await publish(1)
    expect(await read(2, 9)).toEqual([])
    expect(await read(5, 4)).toEqual([])
  })

  test('is unavailable without NATS or without the stream', async () => {
    const away = makeStoredEvents({ nats: { connection: () => null }, stream: STREAM })
    await expect(away.position()).rejects.toBeInstanceOf(Unavailable)
    await expect(Array.fromAsync(away.read(1, 2))).rejects.toBeInstanceOf(Unavailable)
    await withJetStream(connection, ({ streams }) => streams.delete(STREAM))
    await expect(read(1, 2)).rejects.toBeInstanceOf(Unavailable)
  })
})
