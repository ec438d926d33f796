import { describe, expect, test } from 'bun:test'
import { makeKeyedQueue } from '../../../packages/user-events/src/consumer/keyed-queue.ts'

/** A queue whose work ends when the test says so. */
const given = (concurrency: number) => {
  const queue = makeKeyedQueue(concurrency)
  const started: string[] = []
  const ends = new Map<string, () => void>()
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    queue,
    started,
    settle,
    add: (key: string, name = key) =>
      queue.add(key, () => {
        started.push(name)
        return new Promise((resolve) => ends.set(name, resolve))
      }),
    end: async (name: string) => {
      ends.get(name)?.()
      await settle()
    },
  }
}

describe('a keyed queue', () => {
  test('runs work of one key in order, and of other keys meanwhile', async () => {
    const { add, end, started } = given(8)
    add('a', 'a1')
    add('a', 'a2')
    add('b', 'b1')
    expect(started).toEqual(['a1', 'b1'])
    await end('b1')
    expect(started).toEqual(['a1', 'b1'])
    await end('a1')
    expect(started).toEqual(['a1', 'b1', 'a2'])
    await end('a2')
    add('a', 'a3')
    expect(started.at(-1)).toBe('a3')
  })

  test('runs no more work at once than its concurrency, and lets every key have its turn', async () => {
    const { add, end, started } = given(2)
    for (const key of ['a', 'b', 'c', 'd']) add(key)
    add('a', 'a again')
    expect(started).toEqual(['a', 'b'])
    await end('a')
    expect(started).toEqual(['a', 'b', 'c'])
    await end('b')
    await end('c')
    expect(started).toEqual(['a', 'b', 'c', 'd', 'a again'])
  })

  test('that is closed starts nothing more, and waits for what has started', async () => {
    const { queue, add, end, settle, started } = given(1)
    add('a', 'a1')
    add('a', 'a2')
    add('b')
    let closed = false
    const closing = queue.close().then(() => {
      closed = true
    })
    add('c')
    await settle()
    expect(closed).toBe(false)
    await end('a1')
    await closing
    expect(started).toEqual(['a1'])
  })
})
