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
  test('remembers the latest 100 000 ids', async () => {
    const publisher = makeInProcessPublisher({ onMessage: () => {}, onDropped: () => {} })
    const publish = (id: number) => publisher.publish('t', messageOf('a', `id ${id}`))
    for (let id = 0; id <= 100_000; id += 1) await publish(id)
    expect((await publish(1)).duplicate).toBe(true)
    expect((await publish(100_000)).duplicate).toBe(true)
    expect((await publish(0)).duplicate).toBe(false)
  })

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
