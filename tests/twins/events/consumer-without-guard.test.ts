import { afterAll, expect, test } from 'bun:test'
import { connect } from 'nats'
import type { MemoryTransaction, Store } from '../../../packages/user-events/src/index.ts'
import { consumeUserEvents, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import {
  givenChange,
  givenEventStreams,
  givenObserver,
  givenUserEvent,
} from '../../support/builders/events/given-user-events.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

const nats = await givenNats()
const streams = await givenEventStreams(nats.connection)
afterAll(() => streams.close())

/** Remembers nothing: whatever comes is applied. */
const twin = (store: Store<MemoryTransaction>): Store<MemoryTransaction> => ({
  ...store,
  takePosition: async (tx, consumer, userId) => {
    await store.takePosition(tx, consumer, userId)
    return null
  },
})

let users = 0

/**
 * The versions that are applied of a user when the first instance dies after it committed version 1 and before it
 * acknowledged, and the second one meets version 2 before the server delivers version 1 again.
 */
const effectsAfterCrash = async (store: Store<MemoryTransaction>): Promise<readonly number[]> => {
  users += 1
  const [user, name] = [users, `consumer-${users}`]
  const effects: number[] = []
  const seen = givenObserver()
  const dying = await connect(nats.connection)
  const start = (connection: typeof dying, handled: () => Promise<void>) =>
    consumeUserEvents({
      connection,
      name,
      version: 1,
      store,
      limits: { ackWaitSeconds: 1 },
      observer: seen.observer,
      handle: async ({ userId, version }) => {
        if (userId !== givenChange(user, 1).userId) return
        effects.push(version)
        await handled()
      },
    })
  const first = await start(dying, () => dying.close())
  await streams.publish('user.events', givenUserEvent(givenChange(user, 1)))
  await eventually('version 1', 30, async () => expect(effects).toEqual([1]))
  await first.stop()
  const second = await start(streams.connection, async () => {})
  await streams.publish('user.events', givenUserEvent(givenChange(user, 2)))
  const ofUser = () => seen.results.filter(({ userId }) => userId === givenChange(user, 1).userId)
  await eventually('version 1 again', 30, async () =>
    expect(ofUser().map(({ delivery }) => delivery)).toEqual([1, 1, 2]),
  )
  await second.stop()
  return effects
}

test('a consumer without a guard applies an old version after a newer one', async () => {
  expect(await effectsAfterCrash(twin(makeMemoryStore()))).toEqual([1, 2, 1])
}, 60_000)

test('a consumer that dies before it acknowledges applies each version once, in order', async () => {
  expect(await effectsAfterCrash(makeMemoryStore())).toEqual([1, 2])
}, 60_000)
