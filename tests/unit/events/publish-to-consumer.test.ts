import { describe, expect, test } from 'bun:test'
import { makePublishToConsumer } from '../../../src/application/events/publish-to-consumer.ts'
import type { ConsumerName } from '../../../src/domain/events/consumer-name.ts'
import type { PublishFailureKind } from '../../../src/domain/events/publish-failure.ts'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import { virtualTime } from '../../support/fakes/shared/virtual-time.ts'

const BACKEND = 'backend' as ConsumerName
const MESSAGE = { headers: { 'Nats-Msg-Id': 'a' }, body: new Uint8Array([1]) }

/** A broker that fails so many times before it stores; `sent` says when and what it was asked. */
const given = (failures: number, fault: () => unknown) => {
  const time = virtualTime()
  const start = time.clock().getTime()
  const sent: unknown[] = []
  const publishToConsumer = makePublishToConsumer({
    direct: {
      publish: async (topic, message) => {
        sent.push([time.clock().getTime() - start, topic, message])
        if (sent.length <= failures) throw fault()
        return { stream: 'USER_EVENTS_DIRECT', sequence: 1, duplicate: false }
      },
    },
    pause: time.pause,
  })
  const outcome = publishToConsumer(BACKEND, MESSAGE).then(
    () => 'stored',
    (thrown: unknown) => thrown,
  )
  return { time, sent, outcome }
}

const failure = (kind: PublishFailureKind) => () => new PublishFailure(kind, kind)

describe('a message for one consumer', () => {
  test('is published on the subject that only this consumer reads', async () => {
    const { sent, outcome } = given(0, failure('retryable'))
    expect(await outcome).toBe('stored')
    expect(sent).toEqual([[0, 'direct.user.events.backend', MESSAGE]])
  })

  test.each(['retryable', 'ambiguous'] as const)(
    'is sent again as it was every 250 ms after a %s failure',
    async (kind) => {
      const { time, sent, outcome } = given(2, failure(kind))
      await time.advance(10_000)
      expect(await outcome).toBe('stored')
      expect(sent).toEqual([0, 250, 500].map((at) => [at, 'direct.user.events.backend', MESSAGE]))
    },
  )

  test('is given up after about five seconds, and the last failure is the cause', async () => {
    const { time, sent, outcome } = given(1_000, failure('retryable'))
    await time.advance(10_000)
    expect(await outcome).toBeInstanceOf(Unavailable)
    expect(await outcome).toMatchObject({ cause: { kind: 'retryable' } })
    expect(sent).toHaveLength(20)
  })

  test.each([
    ['a refusal for good', failure('permanent')],
    ['a defect', () => new TypeError('a defect')],
  ])('is not sent again after %s', async (_, fault) => {
    const { time, sent, outcome } = given(1, fault)
    await time.advance(10_000)
    expect(await outcome).toEqual(fault())
    expect(sent).toHaveLength(1)
  })
})
