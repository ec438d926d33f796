import type { DeadLetterNote } from '../../../packages/user-events/src/index.ts'
import { readDeadLetter, redriven } from '../../../packages/user-events/src/index.ts'
import type { DeadLetterEvent, DeadLetterFailure } from '../../domain/events/dead-letter.ts'
import type { DeadLetterCodec } from '../../ports/driven/events/dead-letters.ts'
import type { EventMessage } from '../../ports/driven/events/event-publisher.ts'

const LONGEST_TEXT = 500
const VERSION = /^\d{1,20}$/

/** Reads dead letters by the contract that consumers install. Of one that breaks the contract it reads what it can. */
export const makeDeadLetterCodec = (): DeadLetterCodec => ({
  describe: (message) => ({
    ...failureOf(readDeadLetter(message)?.note ?? null),
    ...eventOf(message),
  }),
  original: (message, redriveId) =>
    redriven(readDeadLetter(message)?.original ?? message, redriveId),
})

const failureOf = (note: DeadLetterNote | null): DeadLetterFailure => ({
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
