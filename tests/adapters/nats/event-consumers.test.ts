import { expect, test } from 'bun:test'
import { AckPolicy, connect } from 'nats'
import { makeEventConsumers } from '../../../src/adapters/nats/consumers/event-consumers.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

const { connection: options } = await givenNats()

test('durable consumers are listed with what is not delivered to them and not acknowledged', async () => {
  const connection = await connect(options)
  try {
    const api = await connection.jetstreamManager()
    await api.streams.add({ name: 'USER_EVENTS', subjects: ['user.events', 'user.events.v2'] })
    const durable = (name: string, subject: string) =>
      api.consumers.add('USER_EVENTS', {
        durable_name: name,
        filter_subject: subject,
        ack_policy: AckPolicy.Explicit,
      })
    await durable('social', 'user.events.v2')
    await durable('backend', 'user.events')
    await api.consumers.add('USER_EVENTS', { ack_policy: AckPolicy.None })
    const stream = connection.jetstream()
    for (let count = 0; count < 3; count += 1) await stream.publish('user.events', 'x')
    const reader = await stream.consumers.get('USER_EVENTS', 'backend')
    const [first, second] = [await reader.next(), await reader.next()]
    await first?.ackAck()
    const consumers = makeEventConsumers({
      nats: { connection: () => connection },
      stream: 'USER_EVENTS',
    })
    const common = { redelivered: 0 }
    expect(await consumers.list()).toEqual([
      {
        ...common,
        name: 'backend',
        subject: 'user.events',
        pending: 1,
        ackPending: 1,
        acknowledgedUpTo: 1,
      },
      {
        ...common,
        name: 'social',
        subject: 'user.events.v2',
        pending: 0,
        ackPending: 0,
        acknowledgedUpTo: 0,
      },
    ])
    await second?.ackAck()
    await api.streams.delete('USER_EVENTS')
  } finally {
    await connection.close()
  }
})

test('without a connection listing the consumers throws Unavailable', async () => {
  const consumers = makeEventConsumers({ nats: { connection: () => null }, stream: 'USER_EVENTS' })
  await expect(consumers.list()).rejects.toMatchObject({ name: 'Unavailable' })
})
