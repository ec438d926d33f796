import { afterAll, afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { connect } from 'nats'
import type { ConsumerResult } from '../../../packages/user-events/src/index.ts'
import { makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import {
  configurationOf,
  userEventStreams,
} from '../../../src/adapters/nats/streams/user-event-streams.ts'
import { givenConsumers } from '../../support/builders/events/given-consumers.ts'
import {
  eventIdOf,
  givenChange,
  givenEventStreams,
  givenUserEvent,
} from '../../support/builders/events/given-user-events.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

setDefaultTimeout(60_000)

const nats = await givenNats()
const streams = await givenEventStreams(nats.connection)
afterAll(() => streams.close())
const { start, stopAll } = givenConsumers(streams.connection)
afterEach(stopAll)
/** A process that does nothing for two thirds of this counts as dead, and on a busy machine that can happen for a while. */
const ACK_WAIT_SECONDS = 4
const LONGER_MS = 6000
const soon = (what: string, expectation: () => void | Promise<void>) =>
  eventually(what, 30, async () => expectation())
const publish = (user: number, version: number) =>
  streams.publish('user.events', givenUserEvent(givenChange(user, version)))
const eventsOf = (user: number, { results }: Awaited<ReturnType<typeof start>>) =>
  results.filter(({ userId }) => userId === givenChange(user, 1).userId).map(({ kind }) => kind)

test('a consumer outlives its streams, and reads on when they are there again', async () => {
  const mine = await start('outlives')
  await mine.consumer.ready
  await publish(1, 1)
  await soon('the first', () => expect(eventsOf(1, mine)).toEqual(['applied']))
  for (const name of ['USER_EVENTS', 'USER_EVENTS_DIRECT']) await streams.api.streams.delete(name)
  await soon('the loss is told', () => expect(mine.troubles.length).toBeGreaterThan(0))
  for (const stream of userEventStreams(['user.events', 'user.events.v1', 'user.events.v2'], 1))
    await streams.api.streams.add(configurationOf(stream))
  await publish(1, 2)
  await soon('the second', () => expect(eventsOf(1, mine)).toEqual(['applied', 'applied']))
  expect(new Set(mine.troubles.map(({ kind }) => kind))).toEqual(new Set(['cannot-consume']))
})

test('a consumer that has read only one of its two streams is not ready, and says so when it stops', async () => {
  const [, direct] = userEventStreams(['user.events', 'user.events.v1', 'user.events.v2'], 1)
  await streams.api.streams.delete(direct.name)
  const mine = await start('halfway')
  await publish(9009, 1)
  await soon('applied', () => expect(eventsOf(9009, mine)).toEqual(['applied']))
  await mine.consumer.stop()
  await expect(mine.consumer.ready).rejects.toThrow('stopped before anything was read')
  await streams.api.streams.add(configurationOf(direct))
})

test('an unavailable store uses up no delivery, and its return is noticed', async () => {
  const store = makeMemoryStore()
  let away = true
  const mine = await start('patient', {
    store: {
      ...store,
      transact: async (work) => {
        if (away) throw new Error('away')
        return store.transact(work)
      },
    },
    limits: { ackWaitSeconds: ACK_WAIT_SECONDS, deliveries: 2 },
  })
  await publish(2, 1)
  await soon('told', () => expect(mine.troubles.length).toBeGreaterThan(3))
  await Bun.sleep(LONGER_MS)
  away = false
  await soon('applied', () => expect(eventsOf(2, mine)).toEqual(['applied']))
  expect(mine.results.every(({ delivery }) => delivery === 1)).toBe(true)
  expect(mine.troubles.every(({ kind }) => kind === 'cannot-reach-store')).toBe(true)
})

test('a handler may take longer than the ack wait, and the event does not come twice', async () => {
  const mine = await start('slow', {
    handle: ({ userId, version }) =>
      Bun.sleep(userId === givenChange(3, 1).userId && version === 1 ? LONGER_MS : 0),
    limits: { ackWaitSeconds: ACK_WAIT_SECONDS },
  })
  await publish(3, 1)
  await publish(3, 2)
  await soon('both', () => expect(eventsOf(3, mine)).toEqual(['applied', 'applied']))
  expect(mine.results.every(({ delivery }) => delivery === 1)).toBe(true)
})

test('a consumer that stops finishes what it has begun, and gives the rest to its successor at once', async () => {
  let begun = 0
  const finishing = Promise.withResolvers<void>()
  const slow = await start('stops', {
    handle: async ({ userId }) => {
      if (userId !== givenChange(4, 1).userId) return
      begun += 1
      await finishing.promise
    },
  })
  await slow.consumer.ready
  for (const version of [1, 2, 3]) await publish(4, version)
  await soon('begun', () => expect(begun).toBe(1))
  const stopped = slow.consumer.stop()
  finishing.resolve()
  await stopped
  expect([begun, eventsOf(4, slow)]).toEqual([1, ['applied']])
  // The ack wait is 30 seconds: without being given back they would not be here in time.
  const successor = await start('stops')
  await eventually('the rest', 20, async () => {
    expect(eventsOf(4, successor).filter((kind) => kind !== 'stale').length).toBeGreaterThan(0)
    expect(
      successor.results.find(
        ({ userId, version }) => version === 3 && userId === givenChange(4, 1).userId,
      ),
    ).toBeDefined()
  })
})

test('what is on its way to a consumer that stops is given to its successor at once, too', async () => {
  const users = Array.from({ length: 20 }, (_, user) => 200 + user)
  const settled = new Set<string>()
  const observer = {
    onResult: ({ userId, version }: ConsumerResult) => void settled.add(`${userId} ${version}`),
  }
  const store = makeMemoryStore()
  for (let version = 1; version <= 25; version += 1) {
    const early = await start('stops-early', { store, observer })
    await early.consumer.ready
    const published = users.map((user) => publish(user, version))
    await Bun.sleep(version % 5)
    await early.consumer.stop()
    await Promise.all(published)
    const successor = await start('stops-early', { store, observer })
    const ofThisVersion = users.map((user) => `${givenChange(user, 1).userId} ${version}`)
    // Less than the ack wait, again.
    await eventually('all of them', 20, async () =>
      expect([...settled]).toEqual(expect.arrayContaining(ofThisVersion)),
    )
    await successor.consumer.stop()
  }
})

// The message cannot be read, so it becomes a dead letter at its first delivery, and would at a second one too.
test('a consumer that stops waits for a dead letter that is being stored, and its successor is not given the message', async () => {
  const storing = Promise.withResolvers<void>()
  let isStoring = false
  const slow = new Proxy(streams.connection, {
    get: (connection, name) => {
      if (name !== 'jetstream') {
        const member = Reflect.get(connection, name)
        return typeof member === 'function' ? member.bind(connection) : member
      }
      return () => {
        const client = connection.jetstream()
        const publishLetter: typeof client.publish = async (...letter) => {
          isStoring = true
          await storing.promise
          return client.publish(...letter)
        }
        return { consumers: client.consumers, publish: publishLetter }
      }
    },
  })
  const mine = await start('parks', { connection: slow, limits: { ackWaitSeconds: 60 } })
  await mine.consumer.ready
  const message = givenUserEvent(givenChange(9007, 1))
  await streams.publish('user.events', { ...message, body: new TextEncoder().encode('no JSON') })
  await soon('being stored', () => expect(isStoring).toBe(true))
  const stopped = mine.consumer.stop()
  await streams.connection.flush()
  storing.resolve()
  await stopped
  const { num_ack_pending, num_redelivered } = await streams.api.consumers.info(
    'USER_EVENTS',
    'parks',
  )
  expect([num_ack_pending, num_redelivered]).toEqual([0, 0])
  expect(mine.results.map(({ kind }) => kind)).toContain('dead-letter')
  const successor = await start('parks')
  await publish(9008, 1)
  await soon('the next one', () => expect(eventsOf(9008, successor)).toEqual(['applied']))
  expect(successor.results.map(({ kind }) => kind)).not.toContain('dead-letter')
})

test('a consumer that moves to version 2 reads it from the beginning', async () => {
  const store = makeMemoryStore()
  await streams.publish('user.events.v2', givenUserEvent(givenChange(5, 1), 2))
  await publish(5, 1)
  const first = await start('moves', { store })
  await soon('version 1', () => expect(eventsOf(5, first)).toEqual(['applied']))
  await first.consumer.stop()
  await streams.publish('user.events.v2', givenUserEvent(givenChange(5, 2), 2))
  const second = await start<2>('moves', { store, version: 2 })
  await soon('version 2', () => expect(eventsOf(5, second)).toEqual(['duplicate', 'applied']))
})

test('of two releases side by side the newer one chooses the version, and both read it', async () => {
  const older = await start('sides')
  await older.consumer.ready
  const newer = await start<2>('sides', { version: 2 })
  await newer.consumer.ready
  // Both have a request at the same durable consumer, so neither has replaced it after the other.
  await soon('both at one', async () => {
    const { config, num_waiting } = await streams.api.consumers.info('USER_EVENTS', 'sides')
    expect([config.filter_subject, num_waiting]).toEqual(['user.events.v2', 2])
  })
})

test('other limits are those of the durable consumer from the next start on', async () => {
  const before = await start('relimited', { limits: { deliveries: 3 } })
  await before.consumer.ready
  await before.consumer.stop()
  const after = await start('relimited', {
    limits: { deliveries: 5, maxAckPending: 7, ackWaitSeconds: 9 },
  })
  await after.consumer.ready
  const { config } = await streams.api.consumers.info('USER_EVENTS', 'relimited')
  expect(config).toMatchObject({ max_deliver: 5, max_ack_pending: 7, ack_wait: 9_000_000_000 })
})

test('a message whose last answer was lost becomes a dead letter, unless it was applied', async () => {
  const store = makeMemoryStore()
  const options = { store, limits: { deliveries: 1, ackWaitSeconds: 1 } }
  const name = 'unanswered'
  const first = await start(name, options)
  await first.consumer.ready
  await soon('all that was there', async () =>
    expect((await streams.api.consumers.info('USER_EVENTS', name)).num_pending).toBe(0),
  )
  await first.consumer.stop()
  await publish(9001, 1)
  await publish(9002, 1)
  await publish(9005, 1)
  await publish(9006, 1)
  // Somebody is given all of them for the last time, applies some, and answers none.
  const lost = await streams.connection.jetstream().consumers.get('USER_EVENTS', name)
  const taken: number[] = []
  for await (const { seq } of await lost.fetch({ max_messages: 4, expires: 5000 })) taken.push(seq)
  expect(taken).toHaveLength(4)
  // The very event, a newer one of its user, and another event of the same version.
  for (const [user, version, eventId] of [
    [9001, 1, eventIdOf(9001, 1)],
    [9005, 2, eventIdOf(9005, 2)],
    [9006, 1, eventIdOf(9006, 2)],
  ] as const)
    await store.transact(async (tx) => {
      const { userId } = givenChange(user, version)
      await store.takePosition(tx, name, userId)
      await store.keepPosition(tx, name, { userId, version, eventId })
    })
  const second = await start(name, options)
  await soon('all of them', () =>
    expect([9001, 9002, 9005, 9006].map((user) => eventsOf(user, second))).toEqual([
      ['duplicate'],
      ['dead-letter'],
      ['stale'],
      ['dead-letter'],
    ]),
  )
})

test('no more messages are in flight than the limit allows', async () => {
  let begun = 0
  const releasing = Promise.withResolvers<void>()
  await start('bounded', {
    handle: () => {
      begun += 1
      return releasing.promise
    },
    limits: { maxAckPending: 3, concurrency: 2 },
  })
  for (let user = 100; user < 110; user += 1) await publish(user, 1)
  const info = () => streams.api.consumers.info('USER_EVENTS', 'bounded')
  await soon('as many as may be', async () =>
    expect([(await info()).num_ack_pending, begun]).toEqual([3, 2]),
  )
  expect((await info()).num_pending).toBeGreaterThanOrEqual(7)
  releasing.resolve()
  await soon('all of them', async () => {
    const { num_pending, num_ack_pending } = await info()
    expect(num_pending + num_ack_pending).toBe(0)
  })
  expect(begun).toBeGreaterThanOrEqual(10)
})

test('a dead letter is stored in the stream of dead letters and in no other', async () => {
  const [, , dead] = userEventStreams(['user.events', 'user.events.v2'], 1)
  await streams.api.streams.delete(dead.name)
  await streams.api.streams.add({ name: 'OTHER', subjects: [...dead.subjects] })
  const mine = await start('strict', {
    handle: async ({ userId }) => {
      if (userId === givenChange(9004, 1).userId) throw new Error('never')
    },
    limits: { deliveries: 1 },
  })
  await publish(9004, 1)
  await soon('what is wrong', () =>
    expect(mine.troubles.map(({ kind }) => kind)).toContain('cannot-store-dead-letter'),
  )
  expect((await streams.api.streams.info('OTHER')).state.messages).toBe(0)
  expect(eventsOf(9004, mine)).toEqual([])
  await streams.api.streams.delete('OTHER')
  await streams.api.streams.add(configurationOf(dead))
  await soon('the dead letter', () => expect(eventsOf(9004, mine)).toEqual(['dead-letter']))
})

test('an observer that throws stops nothing', async () => {
  const handled: string[] = []
  const broken = (): never => {
    throw new Error('the observer is broken')
  }
  await start('observed', {
    observer: { onResult: broken, onTrouble: broken },
    handle: async ({ userId, version }) => {
      if (userId !== givenChange(9003, 1).userId) return
      handled.push(`${version}`)
      if (handled.length === 1) throw new Error('once')
    },
    limits: { firstRetrySeconds: 0.05, deliveries: 3 },
  })
  await publish(9003, 1)
  await soon('the event, twice', () => expect(handled).toEqual(['1', '1']))
  await publish(9003, 2)
  await soon('the next one', () => expect(handled).toEqual(['1', '1', '2']))
  await soon('every answer', async () => {
    const { num_ack_pending } = await streams.api.consumers.info('USER_EVENTS', 'observed')
    expect(num_ack_pending).toBe(0)
  })
})

test('a closed connection is reported once and ends the consumer', async () => {
  const connection = await connect(nats.connection)
  const mine = await start('closed', { connection })
  await mine.consumer.ready
  await connection.close()
  await soon('told', () =>
    expect(mine.troubles.map(({ kind }) => kind)).toEqual(['connection-closed']),
  )
  await mine.consumer.stop()
})

// A flush waits for an answer of the server, and the client itself never gives that up.
test('a consumer stops within seconds although the server no longer answers', async () => {
  const silent = new Proxy(streams.connection, {
    get: (connection, name) => {
      if (name === 'flush') return () => new Promise(() => {})
      const member = Reflect.get(connection, name)
      return typeof member === 'function' ? member.bind(connection) : member
    },
  })
  const mine = await start('unanswered', { connection: silent })
  await mine.consumer.ready
  expect(await Promise.race([mine.consumer.stop().then(() => 'stopped'), Bun.sleep(20_000)])).toBe(
    'stopped',
  )
})

test('options that can never work are refused at once', async () => {
  for (const options of [
    { name: 'a.b' },
    { limits: { deliveries: 0 } },
    { limits: { concurrency: 1.5 } },
    { limits: { ackWaitSeconds: Number.NaN } },
  ])
    expect(await start('fine', options).catch((fault) => fault)).toBeInstanceOf(TypeError)
})
