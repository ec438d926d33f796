import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import type { JsMsg } from 'nats'
import { headers as makeHeaders } from 'nats'
import type { DeadLetterNote } from '../../../packages/user-events/src/codec/dead-letter.ts'
import type {
  ConsumerLimits,
  ConsumerOutcome,
} from '../../../packages/user-events/src/consumer/consumer-options.ts'
import { completeLimits } from '../../../packages/user-events/src/consumer/consumer-options.ts'
import type { DeadLetterPublisher } from '../../../packages/user-events/src/consumer/dead-letter-publisher.ts'
import { makeHeldMessages } from '../../../packages/user-events/src/consumer/held-messages.ts'
import { makeKeyedQueue } from '../../../packages/user-events/src/consumer/keyed-queue.ts'
import type { Reported } from '../../../packages/user-events/src/consumer/report.ts'
import { makeSettleDeliveries } from '../../../packages/user-events/src/consumer/settle-deliveries.ts'
import type { WireMessage } from '../../../packages/user-events/src/contract/wire-message.ts'
import { makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { givenChange, givenUserEvent } from '../../support/builders/events/given-user-events.ts'

type Given = {
  readonly handle?: () => Promise<void>
  /** Answers whether the dead letter was stored. */
  readonly publish?: DeadLetterPublisher['publish']
  readonly isStoreAway?: boolean
  readonly limits?: Partial<ConsumerLimits>
}

/** A consumer with two deliveries for each message, without a server. */
const given = ({
  handle = async () => {},
  publish = async () => true,
  isStoreAway = false,
  limits = { deliveries: 2, firstRetrySeconds: 7, lastRetrySeconds: 60 },
}: Given = {}) => {
  const answers: string[] = []
  const results: string[] = []
  const told: (readonly [about: Reported, version: number | null, outcome: ConsumerOutcome])[] = []
  const faults: unknown[] = []
  const handled: string[] = []
  let triesOfStore = 0
  let now = 0
  const stopping = new AbortController()
  const store = makeMemoryStore()
  const held = makeHeldMessages(3600, () => {})
  const queue = makeKeyedQueue(10)
  const deliveries = makeSettleDeliveries({
    name: 'backend',
    version: 1,
    store: {
      ...store,
      transact: async (work) => {
        triesOfStore += 1
        if (isStoreAway) throw new Error('away')
        return store.transact(work)
      },
    },
    handle: async (event) => {
      handled.push(`${event.userId.slice(-1)} ${event.version}`)
      await handle()
    },
    limits: completeLimits(limits),
    held,
    queue,
    deadLetters: { publish },
    report: {
      result: (about, event, outcome) => {
        results.push(outcome.kind)
        told.push([about, event?.version ?? null, outcome])
      },
      trouble: (kind, fault) => {
        results.push(kind)
        faults.push(fault)
      },
    },
    signal: stopping.signal,
    nowMs: () => now,
  })
  /** The message of one version, as the server delivers it for the n-th time. */
  const messageOf = (version: number, deliveryCount: number, body?: string, user = 1): JsMsg => {
    const wire = givenUserEvent(givenChange(user, version))
    const headers = makeHeaders()
    for (const [name, value] of Object.entries(wire.headers)) headers.set(name, value)
    const answer = (what: string) => answers.push(`${version} ${what}`)
    return {
      subject: 'user.events',
      headers,
      data: body === undefined ? wire.body : new TextEncoder().encode(body),
      info: { stream: 'USER_EVENTS', streamSequence: version, deliveryCount },
      ack: () => answer('ack'),
      nak: (milliseconds?: number) => answer(`nak ${milliseconds}`),
      term: (reason?: string) => answer(`term ${reason}`),
      working: () => answer('working'),
    } as unknown as JsMsg
  }
  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const beginStop = () => stopping.abort()
  const stop = async () => {
    beginStop()
    await queue.close()
    await deliveries.deadLettersSent()
    held.giveBack()
  }
  return {
    deliveries,
    messageOf,
    answers,
    results,
    told,
    faults,
    handled,
    triesOfStore: () => triesOfStore,
    pass: (milliseconds: number) => {
      now += milliseconds
    },
    settled,
    beginStop,
    stop,
  }
}

const poison = () => Promise.reject(new Error('poison'))

describe('a delivery to a consumer', () => {
  test('is acknowledged once it is applied', async () => {
    const { deliveries, messageOf, answers, results, settled, stop } = given()
    deliveries.accept(messageOf(1, 1))
    await settled()
    expect([answers, results]).toEqual([['1 ack'], ['applied']])
    await stop()
    expect(answers).toEqual(['1 ack'])
  })

  // `nak` takes milliseconds. In another unit the retry comes at once, or after hours.
  test('that failed comes again after the first delay, in milliseconds', async () => {
    const { deliveries, messageOf, answers, results, settled, stop } = given({ handle: poison })
    deliveries.accept(messageOf(1, 1))
    await settled()
    expect([answers, results]).toEqual([['1 nak 7000'], ['retry']])
    await stop()
  })

  test('that failed for the last time ends as a dead letter, and only then is it terminated', async () => {
    const stored = Promise.withResolvers<boolean>()
    const subject = given({ handle: poison, publish: () => stored.promise })
    subject.deliveries.accept(subject.messageOf(1, 2))
    await subject.settled()
    expect([subject.answers, subject.results]).toEqual([[], []])
    stored.resolve(true)
    await subject.settled()
    expect([subject.answers, subject.results]).toEqual([['1 term handler-failed'], ['dead-letter']])
    await subject.stop()
  })

  test('whose dead letter was not stored before the stop is given back, and not terminated', async () => {
    const stored = Promise.withResolvers<boolean>()
    const subject = given({ handle: poison, publish: () => stored.promise })
    subject.deliveries.accept(subject.messageOf(1, 2))
    await subject.settled()
    const stopped = subject.stop()
    stored.resolve(false)
    await stopped
    expect([subject.answers, subject.results]).toEqual([['1 nak undefined'], []])
  })

  test('that cannot be decoded ends as a dead letter at its first delivery', async () => {
    const { deliveries, messageOf, answers, settled, stop } = given()
    deliveries.accept(messageOf(1, 1, 'no JSON'))
    await settled()
    expect(answers).toEqual(['1 term malformed'])
    await stop()
  })

  test('that waits for the store is given back when the consumer stops', async () => {
    const { deliveries, messageOf, answers, results, settled, stop } = given({ isStoreAway: true })
    deliveries.accept(messageOf(1, 2))
    await settled()
    expect([answers, results]).toEqual([[], ['cannot-reach-store']])
    await stop()
    expect(answers).toEqual(['1 nak undefined'])
  })

  test('that arrives while the consumer stops is given back, and not handled', async () => {
    let handled = 0
    const subject = given({
      handle: async () => {
        handled += 1
      },
    })
    subject.beginStop()
    subject.deliveries.accept(subject.messageOf(1, 1))
    await subject.settled()
    expect([subject.answers, handled]).toEqual([[], 0])
    await subject.stop()
    expect([subject.answers, handled]).toEqual([['1 nak undefined'], 0])
  })

  test.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [4, 8000],
    [5, 10_000],
    [9, 10_000],
  ])('that failed %d times comes again after %d ms', async (deliveryCount, milliseconds) => {
    const limits = { deliveries: 10, firstRetrySeconds: 1, lastRetrySeconds: 10 }
    const fault = new Error('poison')
    const subject = given({ handle: () => Promise.reject(fault), limits })
    subject.deliveries.accept(subject.messageOf(1, deliveryCount))
    await subject.settled()
    expect(subject.answers).toEqual([`1 nak ${milliseconds}`])
    const delaySeconds = milliseconds / 1000
    expect(subject.told[0]?.[2]).toEqual({ kind: 'retry', delaySeconds, fault })
    await subject.stop()
  })

  test.each<[string, number, string | undefined, string, string, unknown]>([
    ['malformed', 1, 'no JSON', 'malformed', 'body is not JSON', null],
    ['poison', 2, undefined, 'handler-failed', 'Error: poison', new Error('poison')],
    ['poison without an error', 2, undefined, 'handler-failed', 'a text', 'a text'],
  ])('that is %s leaves a note which says why, and which message it was', async (...row) => {
    const [, attempts, body, reason, detail, fault] = row
    const letters: [WireMessage, DeadLetterNote][] = []
    const { deliveries, messageOf, told, settled, stop } = given({
      handle: () => Promise.reject(fault),
      publish: async (...letter) => {
        letters.push(letter)
        return true
      },
    })
    const before = Date.now()
    deliveries.accept(messageOf(3, attempts, body))
    await settled()
    const [letter] = letters
    if (letter === undefined) throw new Error('no dead letter')
    const [original, { at, ...note }] = letter
    const about = { stream: 'USER_EVENTS', sequence: 3, subject: 'user.events' }
    expect(note).toEqual({
      ...about,
      consumer: 'backend',
      reason: reason as DeadLetterNote['reason'],
      detail: expect.stringContaining(detail) as string,
      attempts,
    })
    expect(at.getTime()).toBeWithin(before, Date.now() + 1)
    const wire = givenUserEvent(givenChange(1, 3))
    expect(original.headers).toEqual(wire.headers)
    expect(told).toMatchObject([
      [
        { ...about, delivery: attempts },
        body === undefined ? 3 : null,
        { reason, detail: note.detail },
      ],
    ])
    await stop()
  })

  test('is told with the instant at which it arrived', async () => {
    const ended = Promise.withResolvers<void>()
    const { deliveries, messageOf, told, pass, settled, stop } = given({
      handle: () => ended.promise,
    })
    pass(5)
    deliveries.accept(messageOf(1, 1))
    await settled()
    pass(7)
    ended.resolve()
    await settled()
    expect(told.map(([{ arrivedAtMs }]) => arrivedAtMs)).toEqual([5])
    await stop()
  })

  test('that was applied before is acknowledged and not handled again', async () => {
    const { deliveries, messageOf, answers, results, handled, settled, stop } = given()
    for (const version of [2, 2, 1, 5]) {
      deliveries.accept(messageOf(version, 1))
      await settled()
    }
    expect(answers).toEqual(['2 ack', '2 ack', '1 ack', '5 ack'])
    expect(results).toEqual(['applied', 'duplicate', 'stale', 'gap'])
    expect(handled).toEqual(['1 2', '1 5'])
    await stop()
  })

  test('waits for the one before of the same user, and for no other', async () => {
    const ended = Promise.withResolvers<void>()
    const { deliveries, messageOf, handled, settled, stop } = given({ handle: () => ended.promise })
    deliveries.accept(messageOf(1, 1))
    deliveries.accept(messageOf(2, 1))
    deliveries.accept(messageOf(7, 1, undefined, 2))
    await settled()
    expect(handled).toEqual(['1 1', '2 7'])
    ended.resolve()
    await settled()
    expect(handled).toEqual(['1 1', '2 7', '1 2'])
    await stop()
  })
})

describe('a store that cannot be reached', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })
  afterEach(() => {
    jest.useRealTimers()
  })

  test('is tried again after 250 ms, and after twice as long each time, up to 30 s', async () => {
    const { deliveries, messageOf, triesOfStore, faults, answers, beginStop } = given({
      isStoreAway: true,
    })
    const pass = async (milliseconds: number) => {
      jest.advanceTimersByTime(milliseconds)
      for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    }
    deliveries.accept(messageOf(1, 2))
    await pass(0)
    const pauses = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
    for (const [index, milliseconds] of pauses.entries()) {
      await pass(milliseconds - 1)
      expect(triesOfStore()).toBe(index + 1)
      await pass(1)
      expect(triesOfStore()).toBe(index + 2)
    }
    // What the store said is told each time, and the message keeps its deliveries.
    expect(faults.map(String)).toEqual(Array(pauses.length + 1).fill('Error: away'))
    expect(answers.filter((answer) => answer !== '1 working')).toEqual([])
    beginStop()
    await pass(0)
  })
})
