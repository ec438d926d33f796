import { afterAll, afterEach, expect, setDefaultTimeout, test } from 'bun:test'
import { consumeUserEvents, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { givenConsumers } from '../../support/builders/events/given-consumers.ts'
import {
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

const consumers = givenConsumers(streams.connection)
afterEach(consumers.stopAll)

let users = 0
/** Publishes version after version of one user on the subjects of both versions. */
const givenUser = () => {
  users += 1
  const user = users
  const publish = async (version: number) => {
    await streams.publish('user.events', givenUserEvent(givenChange(user, version), 1))
    await streams.publish('user.events.v2', givenUserEvent(givenChange(user, version), 2))
  }
  return {
    publish,
    id: givenChange(user, 1).userId,
    change: (version: number) => givenChange(user, version),
  }
}
type User = ReturnType<typeof givenUser>

/** A consumer that begins with what is new, and the versions of the user that its handler was given. */
const start = async (
  name: string,
  user: User,
  options: {
    readonly version?: 1 | 2
    readonly deliver?: 'all' | 'new'
    readonly store?: ReturnType<typeof makeMemoryStore>
  } = {},
) => {
  const handled: number[] = []
  const started = await consumers.start<1 | 2>(name, {
    deliver: 'new',
    handle: async ({ userId, version }) => {
      if (userId === user.id) handled.push(version)
    },
    ...options,
  })
  await started.consumer.ready
  return { ...started, handled }
}
const settledAre = (what: string, handled: readonly number[], versions: readonly number[]) =>
  eventually(what, 30, async () => expect(handled).toEqual([...versions]))

test('a new consumer begins with what is published from then on, and a restarted one misses nothing', async () => {
  const user = givenUser()
  await user.publish(1)
  const store = makeMemoryStore()
  const first = await start('n1', user, { store })
  await user.publish(2)
  await settledAre('version 2', first.handled, [2])
  await first.consumer.stop()
  await user.publish(3)
  const second = await start('n1', user, { store })
  await user.publish(4)
  await settledAre('versions 3 and 4', second.handled, [3, 4])
})

test('what was sent to it alone before its first start is read', async () => {
  const user = givenUser()
  await streams.publish('direct.user.events.n2', givenUserEvent(user.change(5), 2))
  const { handled } = await start('n2', user)
  await settledAre('version 5', handled, [5])
})

test('a move to the other version begins where the consumer once began', async () => {
  const user = givenUser()
  await user.publish(1)
  const store = makeMemoryStore()
  const first = await start('n3', user, { store })
  await user.publish(2)
  await settledAre('version 2', first.handled, [2])
  await first.consumer.stop()
  await user.publish(3)
  const moved = await start('n3', user, { store, version: 2 })
  await settledAre('version 3', moved.handled, [3])
  await moved.consumer.stop()
  await user.publish(4)
  const back = await start('n3', user, { store })
  await settledAre('version 4', back.handled, [4])
  // Versions 2 and 3 come again as duplicates, and version 1 never does.
  const versions = back.results.filter(({ userId }) => userId === user.id)
  expect(versions.map(({ version, kind }) => [version, kind])).toEqual([
    [2, 'stale'],
    [3, 'duplicate'],
    [4, 'applied'],
  ])
})

test('a durable consumer that is lost while it is read begins where it once began', async () => {
  const user = givenUser()
  await user.publish(1)
  const { handled, results } = await start('n4', user)
  await user.publish(2)
  await settledAre('version 2', handled, [2])
  await streams.api.consumers.delete('USER_EVENTS', 'n4')
  await user.publish(3)
  await settledAre('version 3', handled, [2, 3])
  expect(results.map(({ version }) => version)).not.toContain(1)
})

test('a durable consumer that has delivered nothing of the whole stream is created anew', async () => {
  const user = givenUser()
  await user.publish(1)
  const durable = { durable_name: 'n5', filter_subject: 'user.events', ack_policy: 'explicit' }
  await streams.api.consumers.add('USER_EVENTS', durable as never)
  const { handled } = await start('n5', user)
  await user.publish(2)
  await settledAre('version 2', handled, [2])
})

test('a consumer that has begun with the whole stream goes on with what it has not read', async () => {
  const user = givenUser()
  await user.publish(1)
  const store = makeMemoryStore()
  const first = await start('n6', user, { store, deliver: 'all' })
  await settledAre('version 1', first.handled, [1])
  await first.consumer.stop()
  await user.publish(2)
  const second = await start('n6', user, { store })
  await settledAre('version 2', second.handled, [2])
})

test('another word is refused', async () => {
  const wrong = {
    deliver: 'last' as 'new',
    name: 'n7',
    version: 1,
    handle: async () => {},
  } as const
  await expect(
    consumeUserEvents({ ...wrong, connection: streams.connection, store: makeMemoryStore() }),
  ).rejects.toThrow(new TypeError('deliver is neither all nor new'))
})
