import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import type { JsMsg } from 'nats'
import { makeHeldMessages } from '../../../packages/user-events/src/consumer/held-messages.ts'

const ACK_WAIT_SECONDS = 30

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

/** Messages whose answers are written down. */
const given = () => {
  const answers: string[] = []
  const faults: unknown[] = []
  const held = makeHeldMessages(ACK_WAIT_SECONDS, (fault) => faults.push(fault))
  const messageOf = (name: string): JsMsg =>
    ({
      ack: () => answers.push(`${name} ack`),
      nak: (milliseconds?: number) => answers.push(`${name} nak ${milliseconds}`),
      working: () => answers.push(`${name} working`),
    }) as unknown as JsMsg
  return { held, messageOf, answers, faults }
}

describe('messages that are held', () => {
  test('are reported as being worked on three times within each ack wait, until they are answered', () => {
    const { held, messageOf, answers } = given()
    const [first, second] = [messageOf('first'), messageOf('second')]
    held.hold(first)
    jest.advanceTimersByTime((ACK_WAIT_SECONDS * 1000) / 3)
    held.hold(second)
    jest.advanceTimersByTime((ACK_WAIT_SECONDS * 1000) / 3)
    expect(answers).toEqual(['first working', 'first working', 'second working'])
    held.settle(first, (message) => message.ack())
    jest.advanceTimersByTime((ACK_WAIT_SECONDS * 1000) / 3)
    expect(answers.slice(3)).toEqual(['first ack', 'second working'])
    held.giveBack()
  })

  test('are answered once, whoever comes second', () => {
    const { held, messageOf, answers } = given()
    const message = messageOf('one')
    held.hold(message)
    held.settle(message, (one) => one.ack())
    held.settle(message, (one) => one.nak())
    held.giveBack()
    expect(answers).toEqual(['one ack'])
  })

  test('are given back at once and once, and no timer keeps the process alive after that', () => {
    const { held, messageOf, answers } = given()
    const message = messageOf('one')
    held.hold(message)
    held.giveBack()
    held.giveBack()
    held.settle(message, (one) => one.ack())
    expect(answers).toEqual(['one nak undefined'])
    expect(jest.getTimerCount()).toBe(0)
    jest.advanceTimersByTime(ACK_WAIT_SECONDS * 1000)
    expect(answers).toHaveLength(1)
  })

  test('are answered one by one although an answer cannot be sent, and that is told', () => {
    const { held, messageOf, answers, faults } = given()
    const gone = new Error('the connection is closed')
    const broken = { ...messageOf('broken') }
    broken.working = () => {
      throw gone
    }
    broken.nak = broken.working
    held.hold(broken)
    held.hold(messageOf('whole'))
    jest.advanceTimersByTime((ACK_WAIT_SECONDS * 1000) / 3)
    held.giveBack()
    expect(answers).toEqual(['whole working', 'whole nak undefined'])
    expect(faults).toEqual([gone, gone])
  })
})
