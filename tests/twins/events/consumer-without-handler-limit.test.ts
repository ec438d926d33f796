import { afterEach, beforeEach, expect, jest, test } from 'bun:test'
import type { ApplyNeeds } from '../../../packages/user-events/src/consumer/apply-event.ts'
import { applyEvent } from '../../../packages/user-events/src/consumer/apply-event.ts'
import { completeLimits } from '../../../packages/user-events/src/consumer/consumer-options.ts'
import { makeKeyedQueue } from '../../../packages/user-events/src/consumer/keyed-queue.ts'
import type { MemoryTransaction, UserEvent } from '../../../packages/user-events/src/index.ts'
import { decode, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { givenChange, givenUserEvent } from '../../support/builders/events/given-user-events.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

type Apply = (needs: ApplyNeeds<1, MemoryTransaction>, event: UserEvent<1>) => Promise<unknown>

/** Waits for its handler, however long that takes. */
const twin: Apply = ({ store, handle }, event) =>
  store.transact((tx) => handle(event, tx, { signal: new AbortController().signal }))

/** Whether the ninth user is handled within a minute, when the handlers of the first eight never end. */
const isNinthHandled = async (apply: Apply): Promise<boolean> => {
  const limits = completeLimits({})
  const queue = makeKeyedQueue(limits.concurrency)
  let isHandled = false
  const needs: ApplyNeeds<1, MemoryTransaction> = {
    name: 'backend',
    store: makeMemoryStore(),
    limits,
    report: { result: () => {}, trouble: () => {} },
    signal: new AbortController().signal,
    handle: async ({ userId }) => {
      if (userId !== givenChange(9, 1).userId) await new Promise(() => {})
      isHandled = true
    },
  }
  for (let user = 1; user <= 9; user += 1) {
    const decoded = decode(givenUserEvent(givenChange(user, 1)), 1)
    if (!decoded.ok) throw new Error(decoded.problem)
    queue.add(decoded.event.userId, async () => {
      await apply(needs, decoded.event).catch(() => {})
    })
  }
  for (let second = 0; second < 60; second += 1) {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    jest.advanceTimersByTime(1000)
  }
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
  return isHandled
}

test('handlers that never end do not stop the lanes of other users', async () => {
  expect(await isNinthHandled(applyEvent)).toBe(true)
})

test('the twin without a limit stops all lanes', async () => {
  expect(await isNinthHandled(twin)).toBe(false)
})
