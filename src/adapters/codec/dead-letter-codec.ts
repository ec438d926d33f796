import type { DeadLetterNote } from '../../../packages/user-events/src/index.ts'
import { readDeadLetter, redriven } from '../../../packages/user-events/src/index.ts'
import type {
  DeadLetterCodec,
  DeadLetterEnd,
  DeadLetterEvent,
} from '../../ports/driven/events/dead-letter-codec.ts'
import type { EventMessage } from '../../ports/driven/events/event-publisher.ts'

const LONGEST_TEXT = 500
const VERSION = /^\d{1,20}$/

/** Dead letters by the contract that consumers install; what breaks it is shown as far as it can be read. */
export const makeDeadLetterCodec = (): DeadLetterCodec => ({
  describe: (message) => ({
    ...endOf(readDeadLetter(message)?.note ?? null),
    ...eventOf(message),
  }),
  original: (message, redriveId) =>
    redriven(readDeadLetter(message)?.original ?? message, redriveId),
})

const endOf = (note: DeadLetterNote | null): DeadLetterEnd => ({
  reason: note?.reason ?? null,
  detail: shortened(note?.detail),
  attempts: note?.attempts ?? null,
  subject: shortened(note?.subject),
  streamSequence: note?.sequence ?? null,
  at: note?.at ?? null,
})

const eventOf = ({ headers }: EventMessage): DeadLetterEvent => {
  const sequence = headers['ce-sequence'] ?? ''
  const version = VERSION.test(sequence) ? Number(sequence) : null
  return {
    eventId: shortened(headers['ce-id']),
    userId: shortened(headers['ce-subject']),
    version: version !== null && Number.isSafeInteger(version) ? version : null,
  }
}

const shortened = (text: string | undefined): string | null =>
  text === undefined || text === '' ? null : text.slice(0, LONGEST_TEXT)
