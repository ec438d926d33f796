import type { NatsConnection } from 'nats'
import { headers as makeHeaders } from 'nats'
import type { DeadLetterNote } from './dead-letter.ts'
import { writeDeadLetter } from './dead-letter.ts'
import { persist } from './pause.ts'
import { deadLetterSubject, STREAMS } from './subjects.ts'
import type { WireMessage } from './wire-message.ts'

export type DeadLetterOffice = {
  /** True once the letter is stored; false when it had to end before. Tries without end and blocks nobody. */
  store(original: WireMessage, note: DeadLetterNote): Promise<boolean>
}

type Needs = {
  readonly connection: NatsConnection
  readonly failed: (fault: unknown) => void
  readonly signal: AbortSignal
}

const TIMEOUT_MS = 5000

export const makeDeadLetterOffice = ({ connection, failed, signal }: Needs): DeadLetterOffice => ({
  store: async (original, note) => {
    const { headers, body } = writeDeadLetter(original, note)
    const named = makeHeaders()
    for (const [name, value] of Object.entries(headers)) named.set(name, value)
    const publish = () =>
      connection.jetstream().publish(deadLetterSubject(note.consumer), body, {
        headers: named,
        timeout: TIMEOUT_MS,
        expect: { streamName: STREAMS.deadLetters },
      })
    return (await persist(publish, failed, signal)) !== null
  },
})
