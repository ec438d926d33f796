import { describe, expect, test } from 'bun:test'
import type { JsMsg } from 'nats'
import { headers as makeHeaders } from 'nats'
import { completeLimits } from '../../../packages/user-events/src/consumer/consumer-options.ts'
import { makeHeldMessages } from '../../../packages/user-events/src/consumer/held-messages.ts'
import { makeKeyedQueue } from '../../../packages/user-events/src/consumer/keyed-queue.ts'
import { makeSettleDeliveries } from '../../../packages/user-events/src/consumer/settle-deliveries.ts'
import { makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { givenChange, givenUserEvent } from '../../support/builders/events/given-user-events.ts'

type Given = {
  readonly handle?: () => Promise<void>
  /** Answers whether the dead letter was stored. */
  readonly publish?: () => Promise<boolean>
  readonly isStoreAway?: boolean
}

/** A consumer with two deliveries for each message, without a server. */
const given = ({
  handle = async () => {},
  publish = async () => true,
  isStoreAway = false,
}: Given = {}) => {
  const answers: string[] = []
  const results: string[] = []
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
        if (isStoreAway) throw new Error('away')
        return store.transact(work)
      },
    },
    handle,
    limits: completeLimits({ deliveries: 2, firstRetrySeconds: 7, lastRetrySeconds: 60 }),
    held,
    queue,
    deadLetters: { publish },
    report: {
      result: (_about, _event, { kind }) => results.push(kind),
      trouble: (kind) => results.push(kind),
    },
    signal: stopping.signal,
    nowMs: () => 0,
  })
  /** The message of one version, as the server delivers it for the n-th time. */
  const messageOf = (version: number, deliveryCount: number, body?: string): JsMsg => {
    const wire = givenUserEvent(givenChange(1, version))
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
  return { deliveries, messageOf, answers, results, settled, beginStop, stop }
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
})
