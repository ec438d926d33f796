import { expect, test } from 'bun:test'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import type { DeadLetters } from '../../../src/ports/driven/events/dead-letters.ts'
import {
  BACKEND,
  givenRedrive,
  messageOf,
} from '../../support/builders/events/given-dead-letters.ts'

const LETTERS = 40

/** The process dies at every third publish, and now and then after it. */
const dyingBroker = () => {
  let publishes = 0
  return async () => {
    publishes += 1
    if (publishes % 3 === 0) throw new PublishFailure('permanent', 'the process died')
    return { stream: 'USER_EVENTS_DIRECT', sequence: publishes, duplicate: false }
  }
}
const dyingRemoval = (deadLetters: DeadLetters): DeadLetters => {
  let removals = 0
  return {
    ...deadLetters,
    remove: async (sequence) => {
      removals += 1
      if (removals % 5 === 0) throw new Error('the process died')
      await deadLetters.remove(sequence)
    },
  }
}

/** Removes each dead letter before it publishes it, so that no other redrive takes it too. */
const twin = (deadLetters: DeadLetters): DeadLetters => ({
  ...deadLetters,
  list: async (query) => {
    const page = await deadLetters.list(query)
    for (const { sequence } of page) await deadLetters.remove(sequence)
    return page
  },
  remove: async () => {},
})

/** Redrives again and again until nothing is left; answers how many events arrived not at all, and how many twice. */
const outcomeOf = async (wrap: (deadLetters: DeadLetters) => DeadLetters) => {
  const { redrive, put, left, published } = givenRedrive(dyingBroker(), wrap)
  const messages = Array.from({ length: LETTERS }, (_, index) => messageOf('ada', index + 1))
  put(BACKEND, ...messages)
  while ((await left()).length > 0)
    await redrive({ consumer: BACKEND, ids: null, atMost: null }, null).catch(() => {})
  const arrivals = published.map(({ message }) => message.headers['ce-id'])
  const lost = messages.filter(({ headers }) => !arrivals.includes(headers['ce-id'])).length
  return { lost, doubled: arrivals.length - new Set(arrivals).size }
}

test('a redrive that removes before the acknowledgement loses dead letters', async () => {
  expect((await outcomeOf(twin)).lost).toBeGreaterThan(0)
})

test('a redrive that removes after the acknowledgement loses none, and doubles some', async () => {
  const { lost, doubled } = await outcomeOf(dyingRemoval)
  expect(lost).toBe(0)
  expect(doubled).toBeGreaterThan(0)
})
