import { parseConsumerName } from '../../../domain/events/consumer-name.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { DeadLetterCodec } from '../../../ports/driven/events/dead-letter-codec.ts'
import type { DeadLetter, DeadLetters } from '../../../ports/driven/events/dead-letters.ts'
import type { ParkedDelivery, Replays } from '../../../ports/driven/events/replays.ts'
import type { GivenUp, ListDeadLetters } from '../../../ports/driving/events/dead-letters.ts'
import type { GivenUpPlace } from './dead-letters-cursor.ts'
import { readGivenUpCursor, writeGivenUpCursor } from './dead-letters-cursor.ts'

type Needs = {
  readonly deadLetters: Pick<DeadLetters, 'list'>
  readonly deadLetterCodec: Pick<DeadLetterCodec, 'describe'>
  readonly replays: Pick<Replays, 'parked'>
}

type Placed = { readonly item: GivenUp; readonly place: GivenUpPlace }

/** See `ListDeadLetters`. */
export const makeListDeadLetters = (needs: Needs): ListDeadLetters => {
  const { deadLetters, deadLetterCodec, replays } = needs
  const fromOutbox = async (after: GivenUpPlace | null, limit: number): Promise<Placed[]> =>
    after?.kind === 'dead-letter'
      ? []
      : (await replays.parked(after, limit)).map((parked) => ({
          item: parkedItem(parked),
          place: { kind: 'parked', ...parked.place },
        }))
  return async ({ consumer, cursor, limit }) => {
    const name = consumer === null ? null : parseConsumerName(consumer)
    if (name !== consumer) return fail({ kind: 'invalid-consumer' })
    const after = cursor === null ? null : readGivenUpCursor(cursor)
    if (cursor !== null && after === null) return fail({ kind: 'invalid-cursor' })
    const parked = name === null ? await fromOutbox(after, limit) : []
    const letters = await deadLetters.list({
      consumer: name,
      after: after?.kind === 'dead-letter' ? after.sequence : 0,
      // One more than is shown tells whether there is a next page.
      limit: limit - parked.length + 1,
    })
    const found = [...parked, ...letters.map((letter) => letterItem(letter, deadLetterCodec))]
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    const isMore = found.length > limit && last !== undefined
    return ok({
      items: shown.map(({ item }) => item),
      next: isMore ? writeGivenUpCursor(last.place) : null,
    })
  }
}

const parkedItem = ({ channel, event, attempts, lastError }: ParkedDelivery): GivenUp => ({
  ...{ kind: 'parked', channel, at: event.occurredAt },
  ...{ eventId: event.eventId, userId: event.userId, version: event.version },
  ...{ reason: lastError, detail: null, attempts, subject: null, streamSequence: null },
})

const letterItem = (
  { sequence, consumer, message, storedAt }: DeadLetter,
  { describe }: Needs['deadLetterCodec'],
): Placed => {
  const told = describe(message)
  return {
    item: { ...told, kind: 'dead-letter', id: String(sequence), consumer, at: told.at ?? storedAt },
    place: { kind: 'dead-letter', sequence },
  }
}
