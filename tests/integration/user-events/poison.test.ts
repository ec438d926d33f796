import { afterAll, expect, test } from 'bun:test'
import { consumeUserEvents, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import {
  givenChange,
  givenEventStreams,
  givenUserEvent,
  userIdOf,
} from '../../support/builders/events/given-user-events.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

const EVENTS = 10_000
const POISON = 7
const AT_ONCE = 500

const nats = await givenNats()
const streams = await givenEventStreams(nats.connection)
afterAll(() => streams.close())

test('a message that cannot be handled among 10 000 delays none of the others', async () => {
  for (let first = 0; first < EVENTS; first += AT_ONCE)
    await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) =>
        streams.publish('user.events', givenUserEvent(givenChange(first + index, 1))),
      ),
    )
  const applied = new Set<string>()
  const consumer = await consumeUserEvents({
    connection: streams.connection,
    name: 'backend',
    version: 1,
    store: makeMemoryStore(),
    // Its next try is out of reach: whatever waited for it would wait for an hour.
    limits: { firstRetrySeconds: 3600, lastRetrySeconds: 3600 },
    handle: async ({ userId }) => {
      if (userId === userIdOf(POISON)) throw new Error('poison')
      applied.add(userId)
    },
  })
  try {
    await eventually('the others', 60, async () => expect(applied.size).toBe(EVENTS - 1))
    await eventually('all but one acknowledged', 30, async () =>
      expect(await streams.api.consumers.info('USER_EVENTS', 'backend')).toMatchObject({
        num_ack_pending: 1,
        num_pending: 0,
      }),
    )
  } finally {
    await consumer.stop()
  }
}, 120_000)
