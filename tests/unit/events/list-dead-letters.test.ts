import { describe, expect, test } from 'bun:test'
import { makeDeadLetterCodec } from '../../../src/adapters/codec/dead-letter-codec.ts'
import { makeInProcessDeadLetters } from '../../../src/adapters/memory/in-process-dead-letters.ts'
import { makeListDeadLetters } from '../../../src/application/events/dead-letters/list-dead-letters.ts'
import { secondsAfter } from '../../../src/domain/shared/instants.ts'
import type { ParkedDelivery, ParkedPlace } from '../../../src/ports/driven/events/replays.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import {
  BACKEND,
  letterOf,
  messageOf,
  SOCIAL,
} from '../../support/builders/events/given-dead-letters.ts'
import {
  givenEvent,
  givenEventId,
  givenUserId,
} from '../../support/builders/events/given-events.ts'

const LATER = secondsAfter(NOON, 60)

const parkedAt = (position: number): ParkedDelivery => ({
  channel: 'nats:user.events',
  event: givenEvent(position, 2, NOON),
  attempts: 3,
  lastError: 'too large',
  place: { position, channel: 'nats:user.events' },
})

const given = (parked: readonly ParkedDelivery[] = []) => {
  const deadLetters = makeInProcessDeadLetters()
  const list = makeListDeadLetters({
    deadLetters,
    deadLetterCodec: makeDeadLetterCodec(),
    replays: {
      parked: async (after: ParkedPlace | null, limit: number) =>
        parked.filter(({ place }) => place.position > (after?.position ?? 0)).slice(0, limit),
    },
  })
  const all = async (limit: number, consumer: string | null = null) => {
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await list({ consumer, cursor, limit })
      if (!page.ok) throw new Error(page.refusal.kind)
      expect(page.value.items.length).toBeLessThanOrEqual(limit)
      for (const item of page.value.items)
        seen.push(item.kind === 'parked' ? `parked ${item.userId}` : `letter ${item.id}`)
      cursor = page.value.next
    } while (cursor !== null)
    return seen
  }
  return { deadLetters, list, all }
}

describe('the list of parked items', () => {
  test.each([1, 2, 3, 4, 5, 100])(
    'shows parked deliveries, then dead letters, each once, in pages of %d',
    async (limit) => {
      const { deadLetters, all } = given([parkedAt(1), parkedAt(2)])
      for (const consumer of [BACKEND, SOCIAL, BACKEND])
        deadLetters.put(consumer, letterOf(messageOf('ada', 1), consumer), NOON)
      const parked = [1, 2].map((user) => `parked ${givenUserId(user)}`)
      expect(await all(limit)).toEqual([...parked, 'letter 1', 'letter 2', 'letter 3'])
      expect(await all(limit, 'backend')).toEqual(['letter 1', 'letter 3'])
      expect(await all(limit, 'nobody')).toEqual([])
    },
  )

  test.each([
    [1, 'parked'],
    [2, 'dead-letter'],
    [3, 'nothing'],
  ])('announces another page after %i items only where there is %s', async (limit, next) => {
    const { deadLetters, list } = given([parkedAt(1), parkedAt(2)].slice(0, limit === 1 ? 2 : 1))
    for (let letter = 0; letter < 2; letter += 1)
      deadLetters.put(BACKEND, letterOf(messageOf('ada', 1), BACKEND), NOON)
    const page = await list({ consumer: null, cursor: null, limit })
    if (!page.ok) throw new Error(page.refusal.kind)
    const cursor = page.value.next
    const rest = cursor === null ? null : await list({ consumer: null, cursor, limit })
    expect([page.value.items.length, rest?.ok ? rest.value.items[0]?.kind : 'nothing']).toEqual([
      limit,
      next as 'nothing',
    ])
    expect(cursor === null).toBe(next === 'nothing')
  })

  test('shows of a dead letter what its consumer wrote, and of a parked delivery its error', async () => {
    const { deadLetters, list } = given([parkedAt(1)])
    deadLetters.put(BACKEND, letterOf(messageOf('ada', 7), BACKEND, 12), LATER)
    expect(await list({ consumer: null, cursor: null, limit: 9 })).toEqual({
      ok: true,
      value: {
        items: [
          {
            kind: 'parked',
            channel: 'nats:user.events',
            at: NOON,
            eventId: givenEventId(1, 2),
            userId: givenUserId(1),
            version: 2,
            reason: 'too large',
            attempts: 3,
            detail: null,
            subject: null,
            streamSequence: null,
          },
          {
            kind: 'dead-letter',
            id: '1',
            consumer: 'backend',
            eventId: 'event-ada-7',
            userId: 'ada',
            version: 7,
            reason: 'handler-failed',
            detail: 'the disk is full',
            attempts: 10,
            subject: 'user.events',
            streamSequence: 12,
            at: NOON,
          },
        ],
        next: null,
      },
    })
  })

  test.each([
    {},
    { 'ce-id': 'x'.repeat(10_000), 'ce-sequence': '-1' },
    { 'ce-sequence': '99999999999999999999', 'dead-letter-at': 'never' },
    { 'dead-letter-reason': 'bored', 'dead-letter-attempts': 'many' },
  ])('shows what can be read of a dead letter with the headers %j', async (headers) => {
    const { deadLetters, list } = given()
    deadLetters.put(BACKEND, { headers, body: new Uint8Array() }, LATER)
    const page = await list({ consumer: null, cursor: null, limit: 9 })
    if (!page.ok) throw new Error('refused')
    const [item] = page.value.items
    expect(item).toMatchObject({ id: '1', version: null, reason: null, attempts: null, at: LATER })
    expect(item?.eventId?.length ?? 0).toBeLessThanOrEqual(500)
  })

  test.each(['', 'x', 'd.', 'd.-1', 'p.1', 'p.1.nobody', 'd.1e3', 'd.1 ', 'p..nats:user.events'])(
    'refuses the cursor %j',
    async (cursor) => {
      expect(await given().list({ consumer: null, cursor, limit: 9 })).toEqual({
        ok: false,
        refusal: { kind: 'invalid-cursor' },
      })
    },
  )

  test('refuses a name that no consumer can have', async () => {
    expect(await given().list({ consumer: 'a.b', cursor: null, limit: 9 })).toEqual({
      ok: false,
      refusal: { kind: 'invalid-consumer' },
    })
  })
})
