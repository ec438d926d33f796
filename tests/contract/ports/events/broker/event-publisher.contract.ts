import { describe, expect, test } from 'bun:test'
import type {
  DroppedReason,
  EventMessage,
  EventPublisher,
} from '../../../../../src/ports/driven/events/event-publisher.ts'
import { until } from '../../../../support/processes/timing/eventually.ts'

export type PublisherUnderTest = {
  readonly publisher: EventPublisher
  readonly topic: string
  /** All that the broker has stored on the topic, oldest first. */
  readonly stored: () => Promise<readonly EventMessage[]>
  /** The calls of the observer so far. */
  readonly dropped: readonly { readonly topic: string; readonly reason: DroppedReason }[]
  readonly release: () => Promise<void>
}

export const messageOf = (text: string, id?: string): EventMessage => ({
  headers: id === undefined ? {} : { 'Nats-Msg-Id': id },
  body: new TextEncoder().encode(text),
})
const textOf = ({ body }: EventMessage): string => new TextDecoder().decode(body)

/** What every adapter of a broker promises. `open` gives an empty topic of its own each time. */
export const eventPublisherContract = (name: string, open: () => Promise<PublisherUnderTest>) =>
  describe(`events published to ${name}`, () => {
    const given = async (work: (subject: PublisherUnderTest) => Promise<void>) => {
      const subject = await open()
      try {
        await work(subject)
      } finally {
        await subject.release()
      }
    }
    const storedTexts = async ({ stored }: PublisherUnderTest) => (await stored()).map(textOf)
    const settled = async ({ publisher }: PublisherUnderTest) => {
      await publisher.close()
    }

    test('a receipt names the stream and a sequence that rises', () =>
      given(async (subject) => {
        const first = await subject.publisher.publish(subject.topic, messageOf('a', 'id-a'))
        const second = await subject.publisher.publish(subject.topic, messageOf('b', 'id-b'))
        expect(first.stream).toBe(second.stream)
        expect(first.duplicate || second.duplicate).toBe(false)
        expect(second.sequence).toBeGreaterThan(first.sequence)
        expect(await storedTexts(subject)).toEqual(['a', 'b'])
      }))

    test('headers and body arrive byte for byte', () =>
      given(async (subject) => {
        const body = Uint8Array.from({ length: 256 }, (_, byte) => byte)
        const headers = { 'Nats-Msg-Id': 'bytes', 'ce-id': 'x', traceparent: '00-ab-cd-01' }
        await subject.publisher.publish(subject.topic, { headers, body })
        const [message] = await subject.stored()
        expect(message?.headers).toEqual(headers)
        expect([...(message?.body ?? [])]).toEqual([...body])
      }))

    test('the same id again is a duplicate with the first sequence and is stored once', () =>
      given(async (subject) => {
        const { publisher, topic } = subject
        const first = await publisher.publish(topic, messageOf('a', 'same'))
        expect(await publisher.publish(topic, messageOf('a', 'same'))).toEqual({
          ...first,
          duplicate: true,
        })
        expect(await storedTexts(subject)).toEqual(['a'])
      }))

    test('of many publishes of one id at once exactly one is stored', () =>
      given(async (subject) => {
        const { publisher, topic } = subject
        const receipts = await Promise.all(
          Array.from({ length: 50 }, () => publisher.publish(topic, messageOf('a', 'same'))),
        )
        expect(receipts.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
        expect(await storedTexts(subject)).toEqual(['a'])
      }))

    test('messages without an id are never duplicates', () =>
      given(async (subject) => {
        await subject.publisher.publish(subject.topic, messageOf('a'))
        const again = await subject.publisher.publish(subject.topic, messageOf('a'))
        expect(again.duplicate).toBe(false)
        expect(await storedTexts(subject)).toEqual(['a', 'a'])
      }))

    test('a message that is too large is a permanent failure', () =>
      given(async ({ publisher, topic }) => {
        const message = { headers: {}, body: new Uint8Array(64 * 1024 + 1) }
        await expect(publisher.publish(topic, message)).rejects.toMatchObject({
          name: 'PublishFailure',
          kind: 'permanent',
        })
      }))

    test('a publish aborted before it is sent is retryable and stored nowhere', () =>
      given(async (subject) => {
        const signal = AbortSignal.abort()
        const publishing = subject.publisher.publish(subject.topic, messageOf('a'), { signal })
        await expect(publishing).rejects.toMatchObject({ kind: 'retryable' })
        expect(await storedTexts(subject)).toEqual([])
      }))

    test('a publish aborted after it was sent is ambiguous, and the same id may be sent again', () =>
      given(async (subject) => {
        const { publisher, topic } = subject
        const controller = new AbortController()
        const publishing = publisher.publish(topic, messageOf('a', 'once'), {
          signal: controller.signal,
        })
        controller.abort()
        await expect(publishing).rejects.toMatchObject({
          name: 'PublishFailure',
          kind: 'ambiguous',
        })
        await publisher.publish(topic, messageOf('a', 'once'))
        expect(await storedTexts(subject)).toEqual(['a'])
      }))

    test('a message sent without waiting arrives', () =>
      given(async (subject) => {
        subject.publisher.publishAsync(subject.topic, messageOf('a'))
        await settled(subject)
        expect(await storedTexts(subject)).toEqual(['a'])
        expect(subject.dropped).toEqual([])
      }))

    test('at most 1 000 messages are in flight, and each further one is reported as overflow', () =>
      given(async (subject) => {
        const { publisher, topic, dropped } = subject
        for (let index = 0; index < 1010; index += 1)
          publisher.publishAsync(topic, messageOf(`${index}`))
        await settled(subject)
        expect(dropped).toEqual(Array.from({ length: 10 }, () => ({ topic, reason: 'overflow' })))
        expect(await subject.stored()).toHaveLength(1000)
      }))

    test('a message that was refused or stored makes room for another', () =>
      given(async (subject) => {
        const { publisher, topic, dropped } = subject
        const tooLarge = { headers: {}, body: new Uint8Array(64 * 1024 + 1) }
        for (let index = 0; index < 1000; index += 1) publisher.publishAsync(topic, tooLarge)
        await until('all are refused', () => dropped.length === 1000)
        for (let index = 0; index < 1000; index += 1)
          publisher.publishAsync(topic, messageOf(`${index}`))
        await until('all are stored', async () => (await subject.stored()).length === 1000)
        publisher.publishAsync(topic, messageOf('last'))
        await settled(subject)
        expect(new Set(dropped.map(({ reason }) => reason))).toEqual(new Set(['permanent']))
        expect((await storedTexts(subject)).at(-1)).toBe('last')
      }))

    test('a message that is too large to send without waiting is reported, not thrown', () =>
      given(async (subject) => {
        const { publisher, topic, dropped } = subject
        publisher.publishAsync(topic, { headers: {}, body: new Uint8Array(64 * 1024 + 1) })
        await settled(subject)
        expect(dropped).toEqual([{ topic, reason: 'permanent' }])
      }))

    test('closing settles what is in flight, and nothing is accepted afterwards', () =>
      given(async (subject) => {
        const { publisher, topic, dropped } = subject
        const inFlight = publisher.publish(topic, messageOf('a'))
        await publisher.close()
        expect((await inFlight).duplicate).toBe(false)
        await expect(publisher.publish(topic, messageOf('b'))).rejects.toMatchObject({
          kind: 'retryable',
        })
        publisher.publishAsync(topic, messageOf('c'))
        await publisher.close()
        expect(dropped).toEqual([{ topic, reason: 'closed' }])
        expect(await storedTexts(subject)).toEqual(['a'])
      }))
  })
