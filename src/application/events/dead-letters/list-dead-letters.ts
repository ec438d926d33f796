import { parseConsumerName } from '../../../domain/events/consumer-name.ts'
import { CHANNELS } from '../../../domain/events/user-event.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type {
  DeadLetter,
  DeadLetterCodec,
  DeadLetters,
} from '../../../ports/driven/events/dead-letters.ts'
import type { ParkedDelivery, ParkedPlace, Replays } from '../../../ports/driven/events/replays.ts'
import type { ListDeadLetters, ParkedItem } from '../../../ports/driving/events/dead-letters.ts'

type Needs = {
  readonly deadLetters: Pick<DeadLetters, 'list'>
  readonly deadLetterCodec: Pick<DeadLetterCodec, 'describe'>
  readonly replays: Pick<Replays, 'parked'>
}

/** A place in the list: parked deliveries come first, then dead letters. */
type Place =
  | ({ readonly kind: 'parked' } & ParkedPlace)
  | { readonly kind: 'dead-letter'; readonly sequence: number }

type Placed = { readonly item: ParkedItem; readonly place: Place }

/** See `ListDeadLetters`. */
export const makeListDeadLetters = (needs: Needs): ListDeadLetters => {
  const { deadLetters, deadLetterCodec, replays } = needs

  const listParked = async (after: Place | null, limit: number): Promise<Placed[]> => {
    if (after?.kind === 'dead-letter') return []
    const parked = await replays.parked(after, limit)
    return parked.map((delivery) => ({
      item: parkedItem(delivery),
      place: { kind: 'parked', ...delivery.place },
    }))
  }

  const deadLetterItem = ({ sequence, consumer, message, storedAt }: DeadLetter): Placed => {
    const described = deadLetterCodec.describe(message)
    return {
      item: {
        ...described,
        kind: 'dead-letter',
        id: String(sequence),
        consumer,
        at: described.at ?? storedAt,
      },
      place: { kind: 'dead-letter', sequence },
    }
  }

  return async ({ consumer, cursor, limit }) => {
    const name = consumer === null ? null : parseConsumerName(consumer)
    if (name !== consumer) return fail({ kind: 'invalid-consumer' })
    const after = cursor === null ? null : readCursor(cursor)
    if (cursor !== null && after === null) return fail({ kind: 'invalid-cursor' })
    const parked = name === null ? await listParked(after, limit) : []
    const letters = await deadLetters.list({
      consumer: name,
      after: after?.kind === 'dead-letter' ? after.sequence : 0,
      // One more than the page holds tells whether there is a next page.
      limit: limit - parked.length + 1,
    })
    const found = [...parked, ...letters.map(deadLetterItem)]
    const page = found.slice(0, limit)
    const last = page.at(-1)
    const hasMore = found.length > limit && last !== undefined
    return ok({
      items: page.map(({ item }) => item),
      next: hasMore ? writeCursor(last.place) : null,
    })
  }
}

const parkedItem = ({ channel, event, attempts, lastError }: ParkedDelivery): ParkedItem => ({
  kind: 'parked',
  channel,
  at: event.occurredAt,
  eventId: event.eventId,
  userId: event.userId,
  version: event.version,
  reason: lastError,
  detail: null,
  attempts,
  subject: null,
  streamSequence: null,
})

const CURSOR = /^(?:p\.(0|[1-9]\d{0,14})\.(.+)|d\.(0|[1-9]\d{0,14}))$/

const writeCursor = (place: Place): string =>
  place.kind === 'parked' ? `p.${place.position}.${place.channel}` : `d.${place.sequence}`

/** Null for text that is no cursor of this list. */
const readCursor = (cursor: string): Place | null => {
  const [, position, name, sequence] = CURSOR.exec(cursor) ?? []
  if (sequence !== undefined) return { kind: 'dead-letter', sequence: Number(sequence) }
  const channel = CHANNELS.find((known) => known === name)
  return position === undefined || channel === undefined
    ? null
    : { kind: 'parked', position: Number(position), channel }
}
