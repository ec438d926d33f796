import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import type { ConsumerConfig, JsMsg, NatsConnection } from 'nats'
import { ErrorCode, NatsError, nanos } from 'nats'
import type { ConsumerLimits } from '../../../packages/user-events/src/consumer/consumer-options.ts'
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

/** The durable consumer with the limits that are wanted. */
const AS_WANTED: Partial<ConsumerConfig> = {
  filter_subject: DURABLE.subject,
  ack_wait: nanos(30_000),
  max_deliver: 10,
  max_ack_pending: 256,
}
const READ = [
  ['get', 'USER_EVENTS', 'backend'],
  ['consume', { max_messages: 100, expires: 5000, abort_on_missing_resource: true }],
]

/** Reading from a server that the test makes come and go. With a refusal there is no durable consumer, and it may not be made. */
const given = (
  refusal: NatsError | null = null,
  present: Partial<ConsumerConfig> | null = AS_WANTED,
  limits: ConsumerLimits = DEFAULT_LIMITS,
  { deliver = 'all', delivered = 0 }: { deliver?: 'all' | 'new'; delivered?: number } = {},
) => {
  const stopping = new AbortController()
  const faults: string[] = []
  const accepted: JsMsg[] = []
  /** What the server was asked. */
  const calls: unknown[][] = []
  let config = present
  const infoOf = (now: Partial<ConsumerConfig>) => ({
    config: { deliver_policy: 'all', ...now },
    created: '2026-11-24T00:00:00Z',
    delivered: { consumer_seq: delivered },
  })
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
      const info = async () => {
        if (refusal === null && config !== null) return infoOf(config)
        throw Object.assign(new NatsError('not found', '404'), {
          api_error: { code: 404, err_code: 10_014, description: 'consumer not found' },
        })
      }
      const add = async (...values: unknown[]) => {
        calls.push(['add', ...values])
        if (refusal !== null) throw refusal
        config = AS_WANTED
        return infoOf(config)
      }
      const update = async (...values: unknown[]) => void calls.push(['update', ...values])
      const remove = async (...values: unknown[]) => {
        calls.push(['delete', ...values])
        return true
      }
      return { consumers: { info, add, update, delete: remove } }
    },
    jetstream: () => ({
      consumers: {
        get: async (...values: unknown[]) => {
          calls.push(['get', ...values])
          return {
            consume: async (options: unknown) => {
              calls.push(['consume', options])
              return startReading()
            },
          }
        },
      },
    }),
  } as unknown as NatsConnection
  const reading = readStream({
    connection,
    durable: { ...DURABLE, limits, deliver },
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
    calls,
    setDurable: (other: Partial<ConsumerConfig> | null) => {
      config = other
    },
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

describe('the durable consumer', () => {
  const { filter_subject: _, ...limitsAsWanted } = AS_WANTED
  const configuration = {
    durable_name: 'backend',
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ...AS_WANTED,
  }

  test('is left as it is when it has the limits', async () => {
    const { pass, calls } = given()
    await pass(0)
    expect(calls).toEqual(READ)
  })

  test('is created from the beginning of the stream when there is none', async () => {
    const { pass, calls } = given(null, null)
    await pass(0)
    expect(calls).toEqual([['add', 'USER_EVENTS', configuration], ...READ])
  })

  test.each<Partial<ConsumerConfig>>([
    { ack_wait: nanos(20_000) },
    { max_deliver: 9 },
    { max_ack_pending: 255 },
  ])('has its limits changed when one of them differs: %j', async (other) => {
    const { pass, calls } = given(null, { ...AS_WANTED, ...other })
    await pass(0)
    expect(calls).toEqual([['update', 'USER_EVENTS', 'backend', limitsAsWanted], ...READ])
  })

  test('is replaced when it reads another subject, at the first reading only', async () => {
    const { pass, calls, setDurable, loseServer } = given(null, {
      ...AS_WANTED,
      filter_subject: 'user.events.v2',
    })
    await pass(0)
    expect(calls).toEqual([
      ['delete', 'USER_EVENTS', 'backend'],
      ['add', 'USER_EVENTS', configuration],
      ...READ,
    ])
    // Another release beside this one has replaced it. Two releases must not do that in turn.
    setDurable({ ...AS_WANTED, filter_subject: 'user.events.v2' })
    calls.length = 0
    loseServer()
    await pass(0)
    await pass(250)
    expect(calls).toEqual(READ)
  })

  test.each([
    ['none', null, 0, 'created'],
    ['one that would deliver everything, and has delivered nothing', AS_WANTED, 0, 'replaced'],
    ['one that has delivered something', AS_WANTED, 1, 'kept'],
  ] as const)(
    'that is to begin with what is new where there is %s',
    async (_, present, delivered, outcome) => {
      const { pass, calls } = given(null, present, DEFAULT_LIMITS, { deliver: 'new', delivered })
      await pass(0)
      const removal = [['delete', 'USER_EVENTS', 'backend']]
      const creation = [['add', 'USER_EVENTS', { ...configuration, deliver_policy: 'new' }]]
      expect(calls).toEqual([
        ...(outcome === 'replaced' ? removal : []),
        ...(outcome === 'kept' ? [] : creation),
        ...READ,
      ])
    },
  )

  test('that began later than the stream begins there again when it reads another subject', async () => {
    const began = {
      deliver_policy: 'new',
      filter_subject: 'user.events.v2',
    } as Partial<ConsumerConfig>
    const { pass, calls } = given(null, { ...AS_WANTED, ...began })
    await pass(0)
    const from = { deliver_policy: 'by_start_time', opt_start_time: '2026-11-24T00:00:00Z' }
    expect(calls[1]).toEqual(['add', 'USER_EVENTS', { ...configuration, ...from }])
  })

  test('is asked for no more messages at a time than may be unacknowledged', async () => {
    const limits = { ...DEFAULT_LIMITS, maxAckPending: 7 }
    const { pass, calls } = given(null, { ...AS_WANTED, max_ack_pending: 7 }, limits)
    await pass(0)
    expect(calls[1]).toEqual([
      'consume',
      { max_messages: 7, expires: 5000, abort_on_missing_resource: true },
    ])
  })
})
