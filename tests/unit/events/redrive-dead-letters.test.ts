import { describe, expect, test } from 'bun:test'
import type { ConsumerName } from '../../../src/domain/events/consumer-name.ts'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { EventMessage } from '../../../src/ports/driven/events/event-publisher.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import {
  BACKEND,
  givenRedrive,
  messageOf,
  SOCIAL,
} from '../../support/builders/events/given-dead-letters.ts'

const ALL = { consumer: 'backend', ids: null, atMost: null }

describe('a redrive of dead letters', () => {
  test('publishes each as it was, in order, and removes it after that', async () => {
    const { redrive, put, published, done, left } = givenRedrive()
    put(BACKEND, messageOf('ada', 1), messageOf('ada', 2))
    expect(await redrive(ALL, null)).toEqual({ ok: true, value: { redriven: 2, malformed: 0 } })
    expect(done).toEqual(['audit', 'publish', 'remove 1', 'publish', 'remove 2'])
    expect(await left()).toEqual([])
    for (const [index, { topic, message }] of published.entries()) {
      const { 'Nats-Msg-Id': original, ...headers } = messageOf('ada', index + 1).headers
      const { 'Nats-Msg-Id': again, ...headersAgain } = message.headers
      expect(topic).toBe('direct.user.events.backend')
      expect(headersAgain).toEqual(headers)
      expect(message.body).toEqual(messageOf('ada', index + 1).body)
      expect(again).not.toBe(original)
    }
  })

  test('gives two dead letters of one message different ids, and other ids in each redrive', async () => {
    const { redrive, put, published } = givenRedrive()
    for (const _ of [1, 2]) {
      put(BACKEND, messageOf('ada', 1), messageOf('ada', 1))
      await redrive(ALL, null)
    }
    const ids = published.map(({ message }) => message.headers['Nats-Msg-Id'])
    expect(new Set(ids).size).toBe(4)
  })

  test('redrives a message that is no dead letter of the contract as it is', async () => {
    const { redrive, deadLetters, published, left } = givenRedrive()
    const bare: EventMessage = { headers: { 'x-own': '1' }, body: new Uint8Array([7]) }
    deadLetters.put(BACKEND, bare, NOON)
    deadLetters.put(BACKEND, { ...bare, headers: { 'dead-letter-reason': 'bored' } }, NOON)
    await redrive(ALL, null)
    expect(published.map(({ message }) => message)).toMatchObject([
      { headers: { 'x-own': '1' }, body: bare.body },
      { body: bare.body },
    ])
    expect(Object.keys(published[1]?.message.headers ?? {})).toEqual(['Nats-Msg-Id'])
    expect(new Set(published.map(({ message }) => message.headers['Nats-Msg-Id'])).size).toBe(2)
    expect(await left()).toEqual([])
  })

  test('leaves the dead letters of other consumers, and those that arrive meanwhile', async () => {
    const meanwhile: (() => void)[] = []
    const { redrive, put, left } = givenRedrive(async () => {
      meanwhile.pop()?.()
      return { stream: 'USER_EVENTS_DIRECT', sequence: 1, duplicate: false }
    })
    put(SOCIAL, messageOf('ada', 1))
    put(BACKEND, ...Array.from({ length: 150 }, (_, index) => messageOf('ada', index + 1)))
    meanwhile.push(() => put(BACKEND, messageOf('late', 1)))
    expect(await redrive(ALL, null)).toEqual({ ok: true, value: { redriven: 150, malformed: 0 } })
    expect(await left()).toEqual([1, 152])
  })

  test('with a limit redrives the oldest, leaves the others, and the next redrive continues there', async () => {
    const { redrive, put, left } = givenRedrive()
    put(SOCIAL, messageOf('ada', 1))
    put(BACKEND, ...Array.from({ length: 205 }, (_, index) => messageOf('ada', index + 1)))
    const some = { ...ALL, atMost: 101 }
    expect(await redrive(some, null)).toEqual({ ok: true, value: { redriven: 101, malformed: 0 } })
    expect(await left()).toEqual([1, ...Array.from({ length: 104 }, (_, index) => index + 103)])
    expect(await redrive(some, null)).toEqual({ ok: true, value: { redriven: 101, malformed: 0 } })
    expect(await redrive(some, null)).toEqual({ ok: true, value: { redriven: 3, malformed: 0 } })
    expect(await redrive(some, null)).toEqual({ ok: true, value: { redriven: 0, malformed: 0 } })
    expect(await left()).toEqual([1])
  })

  test('of given ids skips ids that are gone, given twice, or of another consumer', async () => {
    const { redrive, put, left } = givenRedrive()
    put(BACKEND, messageOf('ada', 1), messageOf('ada', 2))
    put(SOCIAL, messageOf('ada', 3))
    const chosen = await redrive({ ...ALL, ids: ['2', '2', '3', '99'] }, null)
    expect(chosen).toEqual({ ok: true, value: { redriven: 1, malformed: 0 } })
    expect(await left()).toEqual([1, 3])
  })

  test('of all leaves malformed ones where they are, and counts them', async () => {
    const { redrive, put, putMalformed, left } = givenRedrive()
    putMalformed(BACKEND, messageOf('ada', 1))
    put(BACKEND, messageOf('ada', 2))
    putMalformed(BACKEND, messageOf('ada', 3))
    putMalformed(SOCIAL, messageOf('ada', 3))
    expect(await redrive(ALL, null)).toEqual({ ok: true, value: { redriven: 1, malformed: 2 } })
    expect(await left()).toEqual([1, 3, 4])
  })

  test('with a limit goes past malformed ones, so that they do not hide the others', async () => {
    const { redrive, put, putMalformed, left } = givenRedrive()
    putMalformed(BACKEND, ...Array.from({ length: 120 }, () => messageOf('ada', 1)))
    put(BACKEND, messageOf('ada', 2), messageOf('ada', 3))
    const some = { ...ALL, atMost: 1 }
    expect(await redrive(some, null)).toEqual({ ok: true, value: { redriven: 1, malformed: 120 } })
    expect(await redrive(some, null)).toEqual({ ok: true, value: { redriven: 1, malformed: 120 } })
    expect(await left()).toHaveLength(120)
  })

  test('of given ids redrives a malformed one, because somebody named it', async () => {
    const { redrive, putMalformed, left } = givenRedrive()
    putMalformed(BACKEND, messageOf('ada', 1), messageOf('ada', 2))
    expect(await redrive({ ...ALL, ids: ['2'] }, null)).toEqual({
      ok: true,
      value: { redriven: 1, malformed: 0 },
    })
    expect(await left()).toEqual([1])
  })

  test('of a consumer that nobody knows is refused, and not recorded', async () => {
    const { redrive, put, done } = givenRedrive()
    put(BACKEND, messageOf('ada', 1))
    for (const ids of [null, ['1']])
      expect(await redrive({ consumer: 'nosuch', ids, atMost: null }, null)).toEqual({
        ok: false,
        refusal: { kind: 'unknown-consumer' },
      })
    expect(done).toEqual([])
  })

  test('of a consumer that is gone redrives the dead letters that it left', async () => {
    const { redrive, put, left } = givenRedrive()
    put('gone' as ConsumerName, messageOf('ada', 1))
    const request = { consumer: 'gone', ids: null, atMost: null }
    expect(await redrive(request, null)).toMatchObject({ ok: true, value: { redriven: 1 } })
    expect(await left()).toEqual([])
    expect(await redrive(request, null)).toMatchObject({ refusal: { kind: 'unknown-consumer' } })
  })

  test('of a consumer without dead letters does nothing', async () => {
    const { redrive } = givenRedrive()
    expect(await redrive(ALL, null)).toEqual({ ok: true, value: { redriven: 0, malformed: 0 } })
  })

  test('loses nothing when the broker does not confirm, and throws Unavailable', async () => {
    const { redrive, put, left, done } = givenRedrive(async () => {
      throw new PublishFailure('ambiguous', 'no answer in time')
    })
    put(BACKEND, messageOf('ada', 1), messageOf('ada', 2))
    await expect(redrive(ALL, null)).rejects.toBeInstanceOf(Unavailable)
    expect(await left()).toEqual([1, 2])
    expect(done.filter((step) => step !== 'publish')).toEqual(['audit'])
  })

  test('continues under the same ids after a short interruption', async () => {
    const tried: (string | undefined)[] = []
    const { redrive, put, left } = givenRedrive(async (_, { headers }) => {
      tried.push(headers['Nats-Msg-Id'])
      if (tried.length < 3) throw new PublishFailure('retryable', 'not connected')
      return { stream: 'USER_EVENTS_DIRECT', sequence: 1, duplicate: false }
    })
    put(BACKEND, messageOf('ada', 1))
    expect(await redrive(ALL, null)).toMatchObject({ ok: true })
    expect([tried.length, new Set(tried).size, await left()]).toEqual([3, 1, []])
  })

  test('stops at a message that can never be stored, and keeps it', async () => {
    const { redrive, put, left } = givenRedrive(async () => {
      throw new PublishFailure('permanent', 'too large')
    })
    put(BACKEND, messageOf('ada', 1))
    await expect(redrive(ALL, null)).rejects.toBeInstanceOf(PublishFailure)
    expect(await left()).toEqual([1])
  })

  test('is not recorded when the broker cannot be reached', async () => {
    const unreachable = new Unavailable('NATS is not connected')
    const { redrive, audited } = givenRedrive(undefined, (deadLetters) => ({
      ...deadLetters,
      last: async () => {
        throw unreachable
      },
    }))
    await expect(redrive(ALL, null)).rejects.toBe(unreachable)
    expect(audited).toEqual([])
  })

  test.each([
    [{ consumer: '', ids: null }, { kind: 'invalid-consumer' }],
    [{ consumer: '*', ids: null }, { kind: 'invalid-consumer' }],
    [{ consumer: 'backend.>', ids: null }, { kind: 'invalid-consumer' }],
    [
      { consumer: 'backend', ids: ['1', '0'] },
      { kind: 'invalid-id', index: 1 },
    ],
    [
      { consumer: 'backend', ids: ['-1'] },
      { kind: 'invalid-id', index: 0 },
    ],
    [
      { consumer: 'backend', ids: ['1e3'] },
      { kind: 'invalid-id', index: 0 },
    ],
    [
      { consumer: 'backend', ids: [''] },
      { kind: 'invalid-id', index: 0 },
    ],
  ] as const)('of %j is refused before anything is done', async (request, refusal) => {
    const { redrive, put, done } = givenRedrive()
    put(BACKEND, messageOf('ada', 1))
    expect(await redrive({ ...ALL, ...request }, null)).toEqual({ ok: false, refusal })
    expect(done).toEqual([])
  })
})
