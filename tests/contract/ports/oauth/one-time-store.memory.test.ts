import { describe, expect, test } from 'bun:test'
import { makeInProcessOneTimeStore } from '../../../../src/adapters/memory/in-process-one-time-store.ts'
import type { TestThing } from './one-time-store.contract.ts'
import { ONE_TIME_SECONDS, oneTimeContract } from './one-time-store.contract.ts'

const open = () => {
  let elapsed = 0
  const things = makeInProcessOneTimeStore<TestThing>(ONE_TIME_SECONDS, () => elapsed)
  const passSeconds = (seconds: number) => {
    elapsed += seconds * 1000
  }
  return { things, passSeconds }
}

oneTimeContract('memory', open)

describe('sweeping a one-time store in memory', () => {
  test('removes things that have expired and leaves the rest', async () => {
    const { things, passSeconds } = open()
    const thing = { email: null, count: 1 }
    await things.keep(thing)
    passSeconds(500)
    const young = await things.keep(thing)
    expect(things.sweep()).toBe(0)
    passSeconds(100)
    expect(things.sweep()).toBe(1)
    expect(things.sweep()).toBe(0)
    expect(await things.take(young)).toEqual(thing)
  })
})
