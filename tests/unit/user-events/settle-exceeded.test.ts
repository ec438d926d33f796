import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import type { NatsConnection } from 'nats'
import { headers as makeHeaders, NatsError } from 'nats'
import type { DeadLetterNote } from '../../../packages/user-events/src/codec/dead-letter.ts'
import { decode } from '../../../packages/user-events/src/codec/decode.ts'
import { settleExceeded } from '../../../packages/user-events/src/consumer/settle-exceeded.ts'
import type { WireMessage } from '../../../packages/user-events/src/contract/wire-message.ts'
import { makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { givenChange, givenUserEvent } from '../../support/builders/events/given-user-events.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

const NO_MESSAGE_FOUND = 10_037

const refusal = (code: number) => {
  const fault = new NatsError('refused', '404')
  fault.api_error = { code: 404, err_code: code, description: 'refused' }
  return fault
}

type Advisory = { readonly data: Uint8Array }

/** A listener on a server in which the stored messages, its faults and its advisories are the test's. */
const given = () => {
  const stopping = new AbortController()
  const letters: DeadLetterNote[] = []
  const originals: WireMessage[] = []
  const subjects: string[] = []
  let isStored = true
  const results: string[] = []
  const troubles: string[] = []
  const asked: number[] = []
  const subscriptions: { give: (advisory: Advisory) => void; fail: (fault: Error) => void }[] = []
  const bodies = new Map<number, string | null>()
  let readFaults: Error[] = []
  let storeFaults: Error[] = []

  const subscribe = (subject: string) => {
    subjects.push(subject)
    const waiting: Advisory[] = []
    let next = Promise.withResolvers<boolean>()
    subscriptions.push({
      give: (advisory) => {
        waiting.push(advisory)
        next.resolve(true)
      },
      fail: (fault) => next.reject(fault),
    })
    return {
      unsubscribe: () => next.resolve(false),
      async *[Symbol.asyncIterator]() {
        while (await next.promise) {
          next = Promise.withResolvers<boolean>()
          yield* waiting.splice(0)
        }
      },
    }
  }
  const getMessage = async (_: string, { seq }: { readonly seq: number }) => {
    asked.push(seq)
    const fault = readFaults.shift()
    if (fault !== undefined) throw fault
    const body = bodies.get(seq)
    if (body === undefined) throw refusal(NO_MESSAGE_FOUND)
    const wire = givenUserEvent(givenChange(seq, 1))
    const header = makeHeaders()
    for (const [name, value] of Object.entries(wire.headers)) header.set(name, value)
    const data = body === null ? wire.body : new TextEncoder().encode(body)
    return { subject: 'user.events', header, data }
  }
  const store = makeMemoryStore()
  const done = settleExceeded({
    connection: {
      subscribe,
      jetstreamManager: async () => ({ streams: { getMessage } }),
    } as unknown as NatsConnection,
    name: 'backend',
    version: 1,
    stream: 'USER_EVENTS',
    store: {
      ...store,
      transact: async (work) => {
        const fault = storeFaults.shift()
        if (fault !== undefined) throw fault
        return store.transact(work)
      },
    },
    deadLetters: {
      publish: async (original, note) => {
        originals.push(original)
        letters.push(note)
        return isStored
      },
    },
    report: {
      result: ({ sequence, delivery }, event, { kind }) =>
        results.push(`${sequence} ${delivery} ${kind} ${event === null ? 'unread' : 'read'}`),
      trouble: (kind) => troubles.push(kind),
    },
    signal: stopping.signal,
    nowMs: () => 0,
  })
  const pass = async (milliseconds: number): Promise<void> => {
    jest.advanceTimersByTime(milliseconds)
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
  }
  return {
    done,
    letters,
    originals,
    subjects,
    loseLetters: () => {
      isStored = false
    },
    /** The consumer has applied version 1 of a user. */
    apply: async (user: number, eventId?: string) => {
      const decoded = decode(givenUserEvent(givenChange(user, 1)), 1)
      if (!decoded.ok) throw new Error(decoded.problem)
      const { event } = decoded
      await store.transact((tx) =>
        store.keepPosition(tx, 'backend', { ...event, eventId: eventId ?? event.eventId }),
      )
    },
    results,
    troubles,
    asked,
    stopping,
    pass,
    subscriptions: () => subscriptions.length,
    /** Stores a message; the event of a user with this number unless a body is given. */
    store: (sequence: number, body: string | null = null) => void bodies.set(sequence, body),
    failReads: (...faults: Error[]) => {
      readFaults = faults
    },
    failStore: (...faults: Error[]) => {
      storeFaults = faults
    },
    advise: async (advisory: unknown) => {
      subscriptions.at(-1)?.give({ data: new TextEncoder().encode(JSON.stringify(advisory)) })
      await pass(0)
    },
    loseSubscription: async () => {
      subscriptions.at(-1)?.fail(new Error('lost'))
      await pass(0)
    },
  }
}

describe('a message that nobody answered', () => {
  test('becomes a dead letter with the number of its deliveries', async () => {
    const { store, advise, letters, results, pass } = given()
    await pass(0)
    store(5)
    await advise({ stream_seq: 5, deliveries: 10 })
    expect(letters).toMatchObject([
      { consumer: 'backend', reason: 'never-answered', attempts: 10, sequence: 5 },
    ])
    expect(results).toEqual(['5 10 dead-letter read'])
  })

  test('is noted as what it was, with the number of its deliveries as the reason', async () => {
    const { store, advise, letters, originals, pass } = given()
    await pass(0)
    store(5)
    await advise({ stream_seq: 5, deliveries: 10 })
    expect(letters).toEqual([
      {
        consumer: 'backend',
        reason: 'never-answered',
        detail: 'delivered 10 times, and nobody answered',
        attempts: 10,
        stream: 'USER_EVENTS',
        sequence: 5,
        subject: 'user.events',
        at: expect.any(Date) as Date,
      },
    ])
    expect(originals[0]).toEqual(givenUserEvent(givenChange(5, 1)))
  })

  test('is no dead letter when it was applied and only its acknowledgement was lost', async () => {
    const { store, advise, apply, letters, results, pass } = given()
    await pass(0)
    await apply(5)
    store(5)
    await advise({ stream_seq: 5, deliveries: 10 })
    expect([letters, results]).toEqual([[], ['5 10 duplicate read']])
  })

  test('is a dead letter when the same version was applied from another event', async () => {
    const { store, advise, apply, letters, pass } = given()
    await pass(0)
    await apply(5, 'another event')
    store(5)
    await advise({ stream_seq: 5, deliveries: 10 })
    expect(letters).toHaveLength(1)
  })

  test('is not told as a dead letter when the consumer stopped before it was stored', async () => {
    const { store, advise, loseLetters, letters, results, pass } = given()
    await pass(0)
    loseLetters()
    store(5)
    await advise({ stream_seq: 5, deliveries: 10 })
    expect([letters.length, results]).toEqual([1, []])
  })

  test('is asked for by the advisories of its own stream and consumer', async () => {
    const { subjects, pass } = given()
    await pass(0)
    expect(subjects).toEqual(['$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.USER_EVENTS.backend'])
  })

  test('becomes a dead letter too when it cannot be read', async () => {
    const { store, advise, letters, results, pass } = given()
    await pass(0)
    store(5, 'no JSON')
    await advise({ stream_seq: 5, deliveries: 3 })
    expect([letters.length, results]).toEqual([1, ['5 3 dead-letter unread']])
  })

  test('is let be when the stream no longer has it, and the next one is settled', async () => {
    const { store, advise, letters, asked, pass } = given()
    await pass(0)
    await advise({ stream_seq: 4, deliveries: 10 })
    store(5)
    await advise({ stream_seq: 5, deliveries: 10 })
    await pass(60_000)
    expect(letters.map(({ sequence }) => sequence)).toEqual([5])
    expect(asked).toEqual([4, 5])
  })

  test.each([[null], ['text'], [{}], [{ stream_seq: '5', deliveries: 10 }], [{ stream_seq: 5 }]])(
    'is not guessed from the advisory %j',
    async (advisory) => {
      const { store, advise, asked, troubles, pass } = given()
      await pass(0)
      store(5)
      await advise(advisory)
      await advise({ stream_seq: 5, deliveries: 10 })
      expect([asked, troubles]).toEqual([[5], []])
    },
  )

  test('is read again until the server answers, and every fault is told', async () => {
    const { store, advise, letters, asked, troubles, failReads, pass } = given()
    await pass(0)
    store(5)
    failReads(new Error('timeout'), refusal(10_008))
    await advise({ stream_seq: 5, deliveries: 10 })
    expect([letters.length, asked.length]).toEqual([0, 1])
    await pass(250)
    await pass(500)
    expect([letters.length, asked.length]).toEqual([1, 3])
    expect(troubles).toEqual(['cannot-consume', 'cannot-consume'])
  })

  test('is judged only when the store can be reached', async () => {
    const { store, advise, letters, troubles, failStore, pass } = given()
    await pass(0)
    store(5)
    failStore(new Error('away'))
    await advise({ stream_seq: 5, deliveries: 10 })
    expect([letters.length, troubles]).toEqual([0, ['cannot-reach-store']])
    await pass(250)
    expect(letters).toHaveLength(1)
  })
})

describe('the listening for messages that nobody answered', () => {
  test('begins again after a fault, after a longer pause each time', async () => {
    const { loseSubscription, subscriptions, store, advise, letters, troubles, pass } = given()
    await pass(0)
    for (const pause of [250, 500]) {
      const before = subscriptions()
      await loseSubscription()
      await pass(pause - 1)
      expect(subscriptions()).toBe(before)
      await pass(1)
      expect(subscriptions()).toBe(before + 1)
    }
    expect(troubles).toEqual(['cannot-consume', 'cannot-consume'])
    store(5)
    await advise({ stream_seq: 5, deliveries: 10 })
    expect(letters).toHaveLength(1)
  })

  test('ends when the consumer stops, also between two attempts', async () => {
    const listening = given()
    await listening.pass(0)
    listening.stopping.abort()
    await listening.done
    const waiting = given()
    await waiting.pass(0)
    await waiting.loseSubscription()
    waiting.stopping.abort()
    await waiting.done
    expect([listening.troubles, waiting.subscriptions()]).toEqual([[], 1])
  })
})
