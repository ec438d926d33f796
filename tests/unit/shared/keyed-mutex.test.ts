import { describe, expect, test } from 'bun:test'
import { makeKeyedMutex } from '../../../src/application/shared/keyed-mutex.ts'

const given = () => {
  const withLock = makeKeyedMutex()
  const events: string[] = []
  const step = (key: string, name: string) =>
    withLock(key, async () => {
      events.push(`${name} begins`)
      await Promise.resolve()
      events.push(`${name} ends`)
      return name
    })
  return { withLock, events, step }
}

describe('the keyed mutex', () => {
  test('runs the work of one key one after the other, each with its own answer', async () => {
    const { events, step } = given()
    expect(await Promise.all([step('x', 'a'), step('x', 'b')])).toEqual(['a', 'b'])
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  test('runs the work of different keys in parallel', async () => {
    const { events, step } = given()
    await Promise.all([step('x', 'a'), step('y', 'b')])
    expect(events.slice(0, 2)).toEqual(['a begins', 'b begins'])
  })

  test('goes on after a failure, which only its own caller sees', async () => {
    const { withLock, step } = given()
    const failed = withLock('x', () => Promise.reject(new Error('broken')))
    const next = step('x', 'b')
    expect(await failed.catch((fault: Error) => fault.message)).toBe('broken')
    expect(await next).toBe('b')
  })
})
