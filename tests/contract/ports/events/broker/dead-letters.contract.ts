import { beforeEach, describe, expect, test } from 'bun:test'
import type { ConsumerName } from '../../../../../src/domain/events/consumer-name.ts'
import type { DeadLetters } from '../../../../../src/ports/driven/events/dead-letters.ts'
import type { EventMessage } from '../../../../../src/ports/driven/events/event-publisher.ts'

export type DeadLettersUnderTest = {
  readonly deadLetters: DeadLetters
  /** Publishes a dead letter, as a consumer does. */
  readonly put: (consumer: ConsumerName, message: EventMessage) => Promise<void>
}

const BACKEND = 'backend' as ConsumerName
const SOCIAL = 'social' as ConsumerName
const MOST = 10_000

const messageOf = (text: string): EventMessage => ({
  headers: { 'ce-id': text, 'dead-letter-reason': 'rejected', 'Nats-Msg-Id': `${text}:1` },
  body: new TextEncoder().encode(`{"ü":"${text}"}`),
})

/** What every adapter of dead letters promises. Each test begins without any. */
export const deadLettersContract = (name: string, open: () => Promise<DeadLettersUnderTest>) =>
  describe(`dead letters in ${name}`, () => {
    let subject: DeadLettersUnderTest
    beforeEach(async () => {
      subject = await open()
    })
    const put = async (consumer: ConsumerName, ...texts: readonly string[]) => {
      for (const text of texts) await subject.put(consumer, messageOf(text))
    }
    const list = (consumer: ConsumerName | null = null, after = 0, limit = MOST) =>
      subject.deadLetters.list({ consumer, after, limit })
    const textsOf = (letters: Awaited<ReturnType<typeof list>>) =>
      letters.map(({ message }) => message.headers['ce-id'])

    test('come back as they were published, byte for byte, with every header', async () => {
      const began = Date.now()
      await put(BACKEND, 'a')
      const [letter] = await list()
      expect(letter).toMatchObject({ consumer: BACKEND, message: messageOf('a') })
      expect(Math.abs(Number(letter?.storedAt) - began)).toBeLessThan(60_000)
      expect(await subject.deadLetters.find(letter?.sequence ?? 0)).toEqual(letter ?? null)
    })

    test('are listed in the order of their arrival, of all consumers or of one', async () => {
      await put(BACKEND, 'a')
      await put(SOCIAL, 'b')
      await put(BACKEND, 'c')
      expect(textsOf(await list())).toEqual(['a', 'b', 'c'])
      expect(textsOf(await list(BACKEND))).toEqual(['a', 'c'])
      expect(textsOf(await list('chat' as ConsumerName))).toEqual([])
    })

    test('of a consumer whose name another begins with are not mixed', async () => {
      await put('back' as ConsumerName, 'a')
      await put(BACKEND, 'b')
      expect(textsOf(await list('back' as ConsumerName))).toEqual(['a'])
    })

    test('are paged by their place, and a page is no longer than its limit', async () => {
      await put(BACKEND, 'a', 'b', 'c', 'd', 'e')
      const first = await list(null, 0, 2)
      const second = await list(null, first.at(-1)?.sequence, 2)
      const third = await list(null, second.at(-1)?.sequence, 2)
      expect([first, second, third].map(textsOf)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
      expect(await list(null, third.at(-1)?.sequence, 2)).toEqual([])
    })

    test('have a last sequence, also after its dead letter is removed, and 0 before the first', async () => {
      expect(await subject.deadLetters.last()).toBe(0)
      await put(BACKEND, 'a', 'b')
      const youngest = (await list()).at(-1)?.sequence ?? 0
      expect(await subject.deadLetters.last()).toBe(youngest)
      await subject.deadLetters.remove(youngest)
      expect(await subject.deadLetters.last()).toBe(youngest)
    })

    test('are gone once they are removed, and the others stay in their places', async () => {
      await put(BACKEND, 'a', 'b', 'c')
      const [first, second, third] = await list()
      await subject.deadLetters.remove(second?.sequence ?? 0)
      expect(await list()).toEqual([first, third].filter((letter) => letter !== undefined))
      expect(await subject.deadLetters.find(second?.sequence ?? 0)).toBeNull()
      await put(BACKEND, 'd')
      expect((await list()).at(-1)?.sequence).toBeGreaterThan(third?.sequence ?? 0)
    })

    test('can be removed twice, and an unknown one is not found', async () => {
      await put(BACKEND, 'a')
      const [letter] = await list()
      await subject.deadLetters.remove(letter?.sequence ?? 0)
      await subject.deadLetters.remove(letter?.sequence ?? 0)
      await subject.deadLetters.remove(999_999)
      expect(await subject.deadLetters.find(999_999)).toBeNull()
      expect(await list()).toEqual([])
    })
  })
