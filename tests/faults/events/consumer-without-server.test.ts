import { afterAll, expect, test } from 'bun:test'
import { connect } from 'nats'
import { consumeUserEvents, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import {
  givenChange,
  givenEventStreams,
  givenObserver,
  givenUserEvent,
} from '../../support/builders/events/given-user-events.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'
import { connectionOf } from '../../support/servers/nats/nats-accounts.ts'

const [USERS, VERSIONS] = isLongRun ? [200, 30] : [60, 10]

const server = await givenNatsServer()
const options = {
  ...connectionOf(server.url, {}),
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
  pingInterval: 1000,
}
/** A killed server does not answer what was sent to it, so it is sent again soon. */
const PUBLISH_MS = 2000
const streams = await givenEventStreams(options, PUBLISH_MS)
afterAll(() => streams.close())

/** As the relay does: the same message until it is acknowledged, then the next of this user. */
const publishAll = async (user: number, between: () => Promise<void>) => {
  for (let version = 1; version <= VERSIONS; version += 1) {
    const message = givenUserEvent(givenChange(user, version))
    await eventually('published', 60, () => streams.publish('user.events', message))
    await between()
  }
}

test(`of ${USERS * VERSIONS} events each has at most one effect, in order, while the server is killed three times`, async () => {
  const effects = new Map<string, number[]>()
  const seen = givenObserver()
  const connection = await connect(options)
  const consumer = await consumeUserEvents({
    connection,
    name: 'backend',
    version: 1,
    store: makeMemoryStore(),
    limits: { ackWaitSeconds: 1, concurrency: 16 },
    observer: seen.observer,
    handle: async ({ userId, version }) => {
      await Bun.sleep(Math.random() * 20)
      effects.set(userId, [...(effects.get(userId) ?? []), version])
    },
  })
  await consumer.ready

  let published = 0
  const killAfter = [0.2, 0.5, 0.8].map((part) => Math.floor(part * USERS * VERSIONS))
  let killing = Promise.resolve()
  const between = async () => {
    published += 1
    if (killAfter.includes(published))
      killing = killing.then(async () => {
        await server.kill()
        await server.start()
      })
    await killing
  }
  await Promise.all(Array.from({ length: USERS }, (_, user) => publishAll(user, between)))

  await eventually('the last version of each user', 60, async () => {
    expect(effects.size).toBe(USERS)
    for (const versions of effects.values()) expect(versions.at(-1)).toBe(VERSIONS)
  })
  await consumer.stop()
  await connection.close()
  for (const versions of effects.values())
    expect(versions).toEqual([...new Set(versions)].toSorted((one, other) => one - other))
  expect(seen.troubles.map(({ kind }) => kind)).not.toContain('connection-closed')
  expect(seen.kinds()).not.toContain('dead-letter')
}, 240_000)
