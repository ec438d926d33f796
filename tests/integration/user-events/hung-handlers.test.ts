import { afterAll, afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import type { MemoryTransaction, Store } from '../../../packages/user-events/src/index.ts'
import { makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { givenConsumers } from '../../support/builders/events/given-consumers.ts'
import {
  givenChange,
  givenEventStreams,
  givenUserEvent,
  userIdOf,
} from '../../support/builders/events/given-user-events.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

setDefaultTimeout(90_000)

const nats = await givenNats()
const streams = await givenEventStreams(nats.connection)
afterAll(() => streams.close())

const consumers = givenConsumers(streams.connection)
afterEach(consumers.stopAll)

const never = () => new Promise<never>(() => {})

test('handlers that never end are reported and given up, and the lanes go on', async () => {
  const handled: string[] = []
  const { consumer, kinds, troubles } = await consumers.start('lanes', {
    limits: {
      concurrency: 2,
      handlerSeconds: 0.2,
      firstRetrySeconds: 3600,
      lastRetrySeconds: 3600,
    },
    handle: async ({ userId }) => {
      if ([userIdOf(1), userIdOf(2)].includes(userId)) await never()
      handled.push(userId)
    },
  })
  await consumer.ready
  for (const user of [1, 2, 3])
    await streams.publish('user.events', givenUserEvent(givenChange(user, 1)))
  await eventually('the third user', 60, async () => expect(handled).toEqual([userIdOf(3)]))
  await eventually('all results', 60, async () =>
    expect(kinds().toSorted()).toEqual(['applied', 'retry', 'retry']),
  )
  expect(troubles.map(({ kind }) => kind)).toEqual(['handler-slow', 'handler-slow'])
})

const memory = makeMemoryStore()
/** What can hang under a consumer. */
const HUNG: Readonly<
  Record<string, { store: Store<MemoryTransaction>; handle: () => Promise<void> }>
> = {
  handler: { store: memory, handle: never },
  'look-at-the-position': { store: { ...memory, takePosition: never }, handle: async () => {} },
  commit: {
    store: { ...memory, transact: (work) => memory.transact(work).then(never) },
    handle: async () => {},
  },
  rollback: {
    store: { ...memory, transact: (work) => memory.transact(work).catch(never) },
    handle: () => Promise.reject(new Error('poison')),
  },
}

test.each(Object.entries(HUNG))('a stop ends although the %s never does', async (name, hung) => {
  let isTaken = false
  const { consumer } = await consumers.start(name, {
    ...hung,
    store: {
      ...hung.store,
      transact: (work) => {
        isTaken = true
        return hung.store.transact(work)
      },
    },
    limits: { handlerSeconds: 0.2 },
  })
  await consumer.ready
  await streams.publish('user.events', givenUserEvent(givenChange(9, 1)))
  await eventually('the handling', 30, async () => expect(isTaken).toBe(true))
  await consumer.stop()
})

test('a stop ends although the store never tells whether a message that nobody answered was applied', async () => {
  const name = 'watcher'
  let isHung = false
  let isAsked = false
  const { consumer, kinds } = await consumers.start(name, {
    store: {
      ...memory,
      transact: (work) => {
        isAsked = isHung
        return isHung ? never() : memory.transact(work)
      },
    },
  })
  await consumer.ready
  const sequence = await streams.publish('user.events', givenUserEvent(givenChange(8, 1)))
  await eventually('the event', 30, async () => expect(kinds()).toContain('applied'))
  isHung = true
  streams.connection.publish(
    `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.USER_EVENTS.${name}`,
    JSON.stringify({ stream_seq: sequence, deliveries: 10 }),
  )
  await eventually('the question', 30, async () => expect(isAsked).toBe(true))
  await consumer.stop()
})
