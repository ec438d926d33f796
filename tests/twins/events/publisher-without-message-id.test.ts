import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { ConnectionOptions } from 'nats'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import type {
  EventMessage,
  EventPublisher,
} from '../../../src/ports/driven/events/event-publisher.ts'
import { freshStream, givenPublisher } from '../../support/builders/events/given-publisher.ts'
import { givenMessage, storedMessages } from '../../support/builders/events/stored-messages.ts'
import { STREAM } from '../../support/builders/events/stream-history.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { accessOf } from '../../support/servers/nats/supervised-nats.ts'

const EVENTS = 40

let connection: ConnectionOptions
let given: Awaited<ReturnType<typeof givenPublisher>>
beforeAll(async () => {
  const nats = await givenNats()
  connection = nats.connection
  await freshStream(connection)
  given = await givenPublisher(nats.url, accessOf(connection))
})
beforeEach(() => freshStream(connection))
afterAll(() => given.close())

/** Sends everything under no id. */
const twin = (publisher: EventPublisher): EventPublisher => ({
  ...publisher,
  publish: (topic, { headers, body }, options) => {
    const { 'Nats-Msg-Id': _, ...others } = headers
    return publisher.publish(topic, { headers: others, body }, options)
  },
})

/** As the relay does: what may be stored or not is sent again. */
const untilStored = async (publish: (attempt: number) => Promise<unknown>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      await publish(attempt)
      return
    } catch (failure) {
      if (!(failure instanceof PublishFailure) || failure.kind !== 'ambiguous') throw failure
    }
}

/** Publishes all events in turn and treats the first answer of every second one as lost; answers the stored ids. */
const storedAfter = async (publisher: EventPublisher): Promise<readonly string[]> => {
  const publish = (message: EventMessage, isAnswerLost: boolean) => {
    const patience = new AbortController()
    const publishing = publisher.publish('user.events', message, { signal: patience.signal })
    if (isAnswerLost) patience.abort()
    return publishing
  }
  for (let event = 0; event < EVENTS; event += 1)
    await untilStored((attempt) =>
      publish(givenMessage(`event-${event}`), attempt === 1 && event % 2 === 1),
    )
  const stored = await storedMessages(connection, STREAM)
  return stored.map(({ headers }) => headers['ce-id'] ?? '')
}

test('a publisher without message ids stores each event twice whose answer was lost', async () => {
  const stored = await storedAfter(twin(given.publisher))
  expect(new Set(stored).size).toBe(EVENTS)
  expect(stored.length - EVENTS).toBe(EVENTS / 2)
}, 30_000)

test('a publisher with message ids stores each event once', async () => {
  expect(await storedAfter(given.publisher)).toHaveLength(EVENTS)
}, 30_000)
