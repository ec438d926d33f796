import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import type { JsMsg, NatsConnection } from 'nats'
import { ErrorCode, NatsError, nanos } from 'nats'
import { DEFAULT_LIMITS } from '../../../packages/user-events/src/consumer/consumer-options.ts'
import { readStream } from '../../../packages/user-events/src/consumer/read-stream.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

const DURABLE = {
  stream: 'USER_EVENTS',
  name: 'backend',
  subject: 'user.events',
  limits: DEFAULT_LIMITS,
  deliver: 'all',
} as const

/** Reading from a server that the test makes come and go. With a refusal there is no durable consumer, and it may not be made. */
const given = (refusal: NatsError | null = null) => {
  const stopping = new AbortController()
  const faults: string[] = []
  const accepted: JsMsg[] = []
  let isAway = false
  let tries = 0
  let readings = 0
  let endReading = (): void => {}

  /** Gives one message, and then waits for the end. */
  const startReading = () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    endReading = resolve
    return {
      async *[Symbol.asyncIterator]() {
        yield {} as JsMsg
        await promise
      },
      close: async () => resolve(),
    }
  }
  const connection = {
    jetstreamManager: async () => {
      tries += 1
      if (isAway) throw new Error('away')
      const { ackWaitSeconds, deliveries, maxAckPending } = DEFAULT_LIMITS
      const config = {
        filter_subject: DURABLE.subject,
        ack_wait: nanos(ackWaitSeconds * 1000),
        max_deliver: deliveries,
        max_ack_pending: maxAckPending,
      }
      const info = async () => {
        if (refusal === null) return { config }
        throw Object.assign(new NatsError('not found', '404'), {
          api_error: { code: 404, err_code: 10_014, description: 'consumer not found' },
        })
      }
      const add = () => Promise.reject(refusal)
      return { consumers: { info, add } }
    },
    jetstream: () => ({
      consumers: { get: async () => ({ consume: async () => startReading() }) },
    }),
  } as unknown as NatsConnection
  const reading = readStream({
    connection,
    durable: DURABLE,
    accept: (message) => accepted.push(message),
    reading: () => {
      readings += 1
    },
    failed: (fault) => faults.push(String(fault)),
    signal: stopping.signal,
  })
  return {
    reading,
    faults,
    accepted,
    stopping,
    tries: () => tries,
    readings: () => readings,
    setAway: (away: boolean) => {
      isAway = away
    },
    loseServer: () => endReading(),
    pass: async (milliseconds: number) => {
      jest.advanceTimersByTime(milliseconds)
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    },
  }
}

describe('the reading of a stream', () => {
  test('is tried again after a pause that doubles with each failure, and begins anew after a success', async () => {
    const { pass, tries, readings, faults, accepted, setAway, loseServer } = given()
    await pass(0)
    expect([tries(), readings(), accepted.length, faults.length]).toEqual([1, 1, 1, 0])
    for (let loss = 1; loss <= 3; loss += 1) {
      const before = tries()
      setAway(true)
      loseServer()
      await pass(0)
      for (const pause of [250, 500, 1000]) {
        await pass(pause - 1)
        const triesSoFar = tries()
        await pass(1)
        expect(tries()).toBe(triesSoFar + 1)
      }
      setAway(false)
      await pass(2000)
      expect([tries() - before, readings()]).toEqual([4, loss + 1])
    }
    expect(new Set(faults)).toEqual(new Set(['Error: the server ended the reading', 'Error: away']))
  })

  test.each([
    ['an account that does not import the request', '503'],
    ['a user without the permission', ErrorCode.PermissionsViolation],
  ])('says what is not allowed and who does it, to %s', async (_, code) => {
    const { pass, faults, stopping, reading } = given(new NatsError('refused', code))
    await pass(0)
    expect(faults).toEqual([
      'Error: this user may not create the durable consumer backend of USER_EVENTS for user.events; an operator does, with auth nats consumer',
    ])
    stopping.abort()
    await reading
  })

  test('passes any other fault of the server on', async () => {
    const { pass, faults, stopping, reading } = given(new NatsError('timeout', 'TIMEOUT'))
    await pass(0)
    expect(faults).toEqual(['NatsError: timeout'])
    stopping.abort()
    await reading
  })

  test('ends at once when the consumer stops, and a stop is no fault', async () => {
    const { reading, pass, faults, stopping } = given()
    await pass(0)
    stopping.abort()
    await reading
    expect([faults, jest.getTimerCount()]).toEqual([[], 0])
  })

  test('ends at once when the consumer stops between two attempts', async () => {
    const { reading, pass, stopping, setAway, loseServer, tries } = given()
    await pass(0)
    setAway(true)
    loseServer()
    await pass(0)
    await pass(300)
    const before = tries()
    stopping.abort()
    await reading
    expect([tries(), jest.getTimerCount()]).toEqual([before, 0])
  })
})
