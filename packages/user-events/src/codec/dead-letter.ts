import { decodeHeaderValue, encodeHeaderValue } from '../codec/header-value.ts'
import type { WireMessage } from '../contract/wire-message.ts'
import { headerOf } from '../contract/wire-message.ts'

/**
 * Why a consumer parked a message:
 * - `malformed`: the message breaks the contract
 * - `handler-failed`: the handler failed at the last delivery too
 * - `never-answered`: no delivery was ever answered, so the message may be what kills the workers
 */
export const DEAD_LETTER_REASONS = ['malformed', 'handler-failed', 'never-answered'] as const
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number]

export type DeadLetterNote = {
  readonly consumer: string
  readonly reason: DeadLetterReason
  /** A text for people; cut to 500 characters. */
  readonly detail: string
  /** How often the message was delivered. */
  readonly attempts: number
  /** The position of the original message, which is there for as long as its stream keeps it. */
  readonly stream: string
  readonly sequence: number
  readonly subject: string
  readonly at: Date
}

const DETAIL_CHARACTERS = 500
const MESSAGE_ID = 'Nats-Msg-Id'
// Instructions for the server, such as roll-up or expiry. In a dead letter they would apply to the dead letters' stream.
const FOR_THE_SERVER = /^nats-/i
const OF_THE_LETTER = /^dead-letter-/i

const noteHeaders = (note: DeadLetterNote): Readonly<Record<string, string>> => ({
  'dead-letter-consumer': note.consumer,
  'dead-letter-reason': note.reason,
  // By characters: half of a surrogate pair would become a replacement character.
  'dead-letter-detail': [...note.detail].slice(0, DETAIL_CHARACTERS).join(''),
  'dead-letter-attempts': String(note.attempts),
  'dead-letter-stream': note.stream,
  'dead-letter-sequence': String(note.sequence),
  'dead-letter-subject': note.subject,
  'dead-letter-at': note.at.toISOString(),
})

/**
 * The message for `dlq.user.events.<consumer>`: the original body and headers, and the note in further headers. Several
 * instances of a consumer write the same message id, so that the broker keeps one dead letter.
 * @param durableCreated when the durable consumer of the original's stream was created, as the server says it, to the
 * nanosecond. All instances can ask for it, and no other consumer can. The server drops a message whose id is taken, in the
 * dead letters of whatever consumer, so another consumer must not know the id beforehand.
 */
export const writeDeadLetter = (
  original: WireMessage,
  note: DeadLetterNote,
  durableCreated: string,
): WireMessage => {
  const messageId = headerOf(original, MESSAGE_ID)
  const notes = Object.entries(noteHeaders(note)).map(([name, text]) => [
    name,
    encodeHeaderValue(text),
  ])
  return {
    headers: {
      ...contentHeaders(original),
      ...Object.fromEntries(notes),
      ...(messageId === undefined ? {} : { 'dead-letter-msg-id': messageId }),
      [MESSAGE_ID]: `${note.stream}:${note.sequence}:dlq:${note.consumer}:${durableCreated}`,
    },
    body: original.body,
  }
}

/** The note of a dead letter, and the original message with its message id; null when the message is no dead letter. */
export const readDeadLetter = (
  letter: WireMessage,
): { readonly note: DeadLetterNote; readonly original: WireMessage } | null => {
  const text = (name: string) => decodeHeaderValue(headerOf(letter, `dead-letter-${name}`) ?? '')
  const reason = DEAD_LETTER_REASONS.find((known) => known === text('reason'))
  const note = {
    consumer: text('consumer'),
    detail: text('detail'),
    attempts: Number(text('attempts')),
    stream: text('stream'),
    sequence: Number(text('sequence')),
    subject: text('subject'),
    at: new Date(text('at')),
  }
  const isWhole =
    note.consumer !== '' &&
    note.stream !== '' &&
    note.subject !== '' &&
    isCount(note.attempts) &&
    isCount(note.sequence) &&
    !Number.isNaN(note.at.getTime())
  if (reason === undefined || !isWhole) return null
  const messageId = headerOf(letter, 'dead-letter-msg-id')
  return {
    note: { ...note, reason },
    original: {
      headers: {
        ...contentHeaders(letter),
        ...(messageId === undefined ? {} : { [MESSAGE_ID]: messageId }),
      },
      body: letter.body,
    },
  }
}

/**
 * The message that redrives a dead letter, for `direct.user.events.<consumer>`: the original with another message id, so
 * that the broker does not drop it as a repeat. The same `redriveId` gives the same message.
 */
export const redriven = (original: WireMessage, redriveId: string): WireMessage => ({
  headers: {
    ...contentHeaders(original),
    [MESSAGE_ID]: `${headerOf(original, MESSAGE_ID) ?? ''}:redrive:${encodeHeaderValue(redriveId)}`,
  },
  body: original.body,
})

const contentHeaders = ({ headers }: WireMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !FOR_THE_SERVER.test(name) && !OF_THE_LETTER.test(name),
    ),
  )

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1
