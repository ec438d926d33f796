import type { JsMsg, MsgHdrs, StoredMsg } from 'nats'
import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import { deadLetterSubjectOf, parseConsumerName } from '../../../domain/events/consumer-name.ts'
import type { DeadLetter, DeadLetters } from '../../../ports/driven/events/dead-letters.ts'
import type { Nats } from '../connection/open-nats.ts'
import { headersOf, orUnavailable, readStream } from '../streams/read-stream.ts'
import { errorCodeOf, streamApi } from '../streams/stream-api.ts'

type Needs = { readonly nats: Pick<Nats, 'connection'>; readonly stream: string }

const NO_MESSAGE_FOUND = 10037
/** The server answers this for every cause; the message may be gone already. */
const NOT_DELETED = 10057
const NANOSECONDS_PER_MILLISECOND = 1_000_000

/** The stream on which consumers publish their dead letters. */
export const makeDeadLetters = ({ nats, stream }: Needs): DeadLetters => {
  const stored = async (sequence: number): Promise<StoredMsg | null> => {
    try {
      return await (await streamApi(nats)).streams.getMessage(stream, { seq: sequence })
    } catch (fault) {
      if (errorCodeOf(fault) === NO_MESSAGE_FOUND) return null
      throw fault
    }
  }
  return {
    list: async ({ consumer, after, limit }) => {
      const subject = consumer === null ? {} : { subject: deadLetterSubjectOf(consumer) }
      const letters: DeadLetter[] = []
      for await (const message of readStream(nats, { stream, first: after + 1, ...subject })) {
        const letter = letterOf(placeOf(message), message, () => message.headers)
        if (letter !== null) letters.push(letter)
        if (letters.length === limit) break
      }
      return letters
    },
    last: () =>
      orUnavailable(async () => {
        const { state } = await (await streamApi(nats)).streams.info(stream)
        return state.last_seq
      }),
    find: (sequence) =>
      orUnavailable(async () => {
        const found = await stored(sequence)
        return found && letterOf({ sequence, storedAt: found.time }, found, () => found.header)
      }),
    remove: (sequence) =>
      orUnavailable(async () => {
        try {
          await (await streamApi(nats)).streams.deleteMessage(stream, sequence)
        } catch (fault) {
          const isGone = errorCodeOf(fault) === NOT_DELETED && (await stored(sequence)) === null
          if (!isGone) throw fault
        }
      }),
  }
}

type Place = Pick<DeadLetter, 'sequence' | 'storedAt'>
const placeOf = ({ seq, info }: JsMsg): Place => ({
  sequence: seq,
  storedAt: new Date(Math.floor(info.timestampNanos / NANOSECONDS_PER_MILLISECOND)),
})

/** Null when the subject does not end with a consumer's name. */
const letterOf = (
  place: Place,
  { subject, data }: Pick<JsMsg | StoredMsg, 'subject' | 'data'>,
  readHeaders: () => MsgHdrs | undefined,
): DeadLetter | null => {
  const consumer = consumerOf(subject)
  if (consumer === null) return null
  return { ...place, consumer, message: { headers: headersIn(readHeaders), body: data } }
}

/** None when they break the syntax. A consumer may publish what it likes, and must not hide the dead letters of others. */
const headersIn = (read: () => MsgHdrs | undefined): Readonly<Record<string, string>> => {
  try {
    return headersOf(read())
  } catch {
    return {}
  }
}

const consumerOf = (subject: string): ConsumerName | null =>
  parseConsumerName(subject.split('.').at(-1) ?? '')
