import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import type { JetStreamPublishOptions, NatsConnection } from 'nats'
import type { DeadLetterNote } from '../../../packages/user-events/src/codec/dead-letter.ts'
import { makeDeadLetterPublisher } from '../../../packages/user-events/src/consumer/dead-letter-publisher.ts'
import { givenChange, givenUserEvent } from '../../support/builders/events/given-user-events.ts'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

const NOTE: DeadLetterNote = {
  consumer: 'backend',
  reason: 'handler-failed',
  detail: 'Error: no',
  attempts: 10,
  stream: 'USER_EVENTS_DIRECT',
  sequence: 7,
  subject: 'direct.user.events.backend',
  at: new Date('2026-11-24T00:00:00.000Z'),
}
const ORIGINAL = givenUserEvent(givenChange(1, 1))

/** A publisher on a server that fails so many times; `published` is what reached it. */
const given = (failures: { readonly info?: number; readonly publish?: number } = {}) => {
  const stopping = new AbortController()
  const told: string[] = []
  const published: { subject: string; id: string; stream: string | undefined }[] = []
  let { info = 0, publish = 0 } = failures
  const fail = (what: string) => Promise.reject(new Error(what))
  const connection = {
    jetstreamManager: async () => ({
      consumers: {
        info: (stream: string, consumer: string) => {
          info -= 1
          return info >= 0 ? fail('info') : { created: `${stream} ${consumer} was made` }
        },
      },
    }),
    jetstream: () => ({
      publish: async (
        subject: string,
        _: Uint8Array,
        { headers, expect: { streamName } = {} }: Partial<JetStreamPublishOptions>,
      ) => {
        publish -= 1
        if (publish >= 0) await fail('publish')
        published.push({ subject, id: headers?.get('Nats-Msg-Id') ?? '', stream: streamName })
      },
    }),
  } as unknown as NatsConnection
  const { signal } = stopping
  const publisher = makeDeadLetterPublisher({
    connection,
    failed: (fault) => told.push(String(fault)),
    signal,
  })
  let outcome: boolean | null = null
  void publisher.publish(ORIGINAL, NOTE).then((isStored) => {
    outcome = isStored
  })
  const pass = async (milliseconds: number): Promise<boolean | null> => {
    jest.advanceTimersByTime(milliseconds)
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
    return outcome
  }
  return { pass, told, published, stopping }
}

describe('a dead letter', () => {
  // No other consumer can know the instant, so none can take the id beforehand.
  test('is published once, under an id with the instant at which the durable consumer of its own stream was made', async () => {
    const { pass, told, published } = given()
    expect(await pass(0)).toBe(true)
    expect(published).toEqual([
      {
        subject: 'dlq.user.events.backend',
        id: 'USER_EVENTS_DIRECT:7:dlq:backend:USER_EVENTS_DIRECT backend was made',
        stream: 'USER_EVENTS_DLQ',
      },
    ])
    expect(told).toEqual([])
  })

  test('is tried again until it is stored, and each fault is told', async () => {
    const { pass, told, published } = given({ info: 1, publish: 1 })
    expect(await pass(0)).toBeNull()
    expect(await pass(250)).toBeNull()
    expect(await pass(500)).toBe(true)
    expect([told, published.length]).toEqual([['Error: info', 'Error: publish'], 1])
  })

  test('that is not stored when the consumer stops counts as not stored, and is not tried again', async () => {
    const { pass, told, published, stopping } = given({ publish: 9 })
    expect(await pass(0)).toBeNull()
    stopping.abort()
    expect(await pass(0)).toBe(false)
    await pass(60_000)
    expect([told.length, published]).toEqual([1, []])
  })
})
