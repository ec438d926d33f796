import { describe, expect, test } from 'bun:test'
import { makeWakeSignal } from '../../../../src/application/events/relay/wake-signal.ts'
import { virtualTime } from '../../../support/fakes/shared/virtual-time.ts'

/** A loop that waits a second each time; `looks` says when each wait began. */
const givenLoop = (duringLook: (look: number, wake: () => void) => void = () => {}) => {
  const time = virtualTime()
  const start = time.clock().getTime()
  const signal = makeWakeSignal(time.pause)
  const looks: number[] = []
  const run = async (): Promise<void> => {
    for (;;) {
      looks.push(time.clock().getTime() - start)
      duringLook(looks.length, signal.wake)
      await signal.wait(1_000)
    }
  }
  void run()
  return { time, wake: signal.wake, looks }
}

describe('a loop that can be woken', () => {
  test('waits for its time when nobody wakes it', async () => {
    const { time, looks } = givenLoop()
    await time.advance(2_500)
    expect(looks).toEqual([0, 1_000, 2_000])
  })

  test('is woken from its wait, and waits for its whole time after that', async () => {
    const { time, wake, looks } = givenLoop()
    await time.advance(400)
    wake()
    wake()
    await time.advance(1_500)
    expect(looks).toEqual([0, 400, 1_400])
  })

  test('does not wait when it is woken while it looks, because it may have looked too early', async () => {
    const { time, looks } = givenLoop((look, wake) => {
      if (look === 2) wake()
    })
    await time.advance(1_500)
    expect(looks).toEqual([0, 1_000, 1_000])
  })
})
