import type { NatsConnection } from 'nats'
import { headers as makeHeaders } from 'nats'
import type { DeadLetterNote } from '../codec/dead-letter.ts'
import { writeDeadLetter } from '../codec/dead-letter.ts'
import { deadLetterSubject, STREAMS } from '../contract/subjects.ts'
import type { WireMessage } from '../contract/wire-message.ts'
import { retryUntilStopped } from './retry.ts'

export type DeadLetterPublisher = {
  /** True once the dead letter is stored; false when the consumer stopped first. It tries until then. */
  publish(original: WireMessage, note: DeadLetterNote): Promise<boolean>
}

type Needs = {
  readonly connection: NatsConnection
  readonly failed: (fault: unknown) => void
  readonly signal: AbortSignal
}

const TIMEOUT_MS = 5000

export const makeDeadLetterPublisher = ({
  connection,
  failed,
  signal,
}: Needs): DeadLetterPublisher => ({
  publish: async (original, note) => {
    const publish = async () => {
      const api = await connection.jetstreamManager()
      const { created } = await api.consumers.info(note.stream, note.consumer)
      const letter = writeDeadLetter(original, note, created)
      const headers = makeHeaders()
      for (const [name, value] of Object.entries(letter.headers)) headers.set(name, value)
      return connection.jetstream().publish(deadLetterSubject(note.consumer), letter.body, {
        headers,
        timeout: TIMEOUT_MS,
        expect: { streamName: STREAMS.deadLetters },
      })
    }
    return (await retryUntilStopped(publish, failed, signal)) !== null
  },
})
