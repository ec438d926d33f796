import { expect, test } from 'bun:test'
import type { NatsConnection } from 'nats'
import { headers } from 'nats'
import { makeDeadLetterPublisher } from '../../../packages/user-events/src/consumer/dead-letter-publisher.ts'
import { connectAs, documentedAccounts } from '../../support/builders/events/nats-roles.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'

const KNOWN = 'known to all'

/** Takes for a secret what everybody knows. */
const twin = (connection: NatsConnection): NatsConnection =>
  new Proxy(connection, {
    get: (target, name) => {
      if (name === 'jetstreamManager')
        return async () => ({ consumers: { info: async () => ({ created: KNOWN }) } })
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

test('a dead letter whose message id others know is dropped when one of them takes the id', async () => {
  const server = await givenNatsServer(await documentedAccounts())
  const operator = await connectAs(server, 'operator')
  const [backend, social] = [await connectAs(server, 'backend'), await connectAs(server, 'social')]
  const api = await operator.jetstreamManager()
  await api.streams.add({ name: 'USER_EVENTS', subjects: ['user.events'] })
  await api.streams.add({ name: 'USER_EVENTS_DLQ', subjects: ['dlq.user.events.*'] })
  await api.consumers.add('USER_EVENTS', { durable_name: 'backend' })

  /** Is the dead letter of a message stored after another consumer has taken what it believes to be the id? */
  const isStored = async (connection: NatsConnection, sequence: number): Promise<boolean> => {
    const taken = headers()
    taken.set('Nats-Msg-Id', `USER_EVENTS:${sequence}:dlq:backend:${KNOWN}`)
    await social.request('dlq.user.events.social', '', { timeout: 5000, headers: taken })
    const { signal } = new AbortController()
    const publisher = makeDeadLetterPublisher({ connection, failed: () => {}, signal })
    await publisher.publish(
      { headers: {}, body: new Uint8Array() },
      {
        consumer: 'backend',
        reason: 'malformed',
        detail: '',
        attempts: 1,
        stream: 'USER_EVENTS',
        sequence,
        subject: 'user.events',
        at: new Date(),
      },
    )
    const filter = { subjects_filter: 'dlq.user.events.backend' }
    const { state } = await api.streams.info('USER_EVENTS_DLQ', filter)
    return (state.subjects?.['dlq.user.events.backend'] ?? 0) > 0
  }

  expect(await isStored(twin(backend), 1)).toBe(false)
  expect(await isStored(backend, 2)).toBe(true)
  await Promise.all([backend, social, operator].map((connection) => connection.close()))
  await server.remove()
}, 60_000)
