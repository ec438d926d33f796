import { describe, expect, test } from 'bun:test'
import { makeInProcessPublisher } from '../../../../../src/adapters/memory/in-process-publisher.ts'
import type { EventMessage } from '../../../../../src/ports/driven/events/event-publisher.ts'
import type { PublisherUnderTest } from './event-publisher.contract.ts'
import { eventPublisherContract, messageOf } from './event-publisher.contract.ts'

eventPublisherContract('memory', () => {
  const stored: EventMessage[] = []
  const dropped: PublisherUnderTest['dropped'][number][] = []
  const publisher = makeInProcessPublisher({
    onMessage: (_, message) => stored.push(message),
    onDropped: (topic, reason) => dropped.push({ topic, reason }),
  })
  return Promise.resolve({
    publisher,
    topic: 'user.events',
    stored: () => Promise.resolve(stored),
    dropped,
    release: () => publisher.close(),
  })
})

describe('the duplicate window in memory', () => {
  test('an id is known for five minutes', async () => {
    let elapsed = 0
    const publisher = makeInProcessPublisher({
      onMessage: () => {},
      onDropped: () => {},
      now: () => elapsed,
    })
    const publish = () => publisher.publish('t', messageOf('a', 'id'))
    await publish()
    elapsed = 299_999
    expect((await publish()).duplicate).toBe(true)
    elapsed = 300_000
    expect(await publish()).toMatchObject({ duplicate: false, sequence: 2 })
  })
})
