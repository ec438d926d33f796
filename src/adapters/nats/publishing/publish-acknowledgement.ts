import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type { Receipt } from '../../../ports/driven/events/event-publisher.ts'
import { refusedByStream } from './publish-errors.ts'

const UTF8 = new TextDecoder()

/**
 * Reads what a stream answers to a publish (ADR-1 of the NATS project, `PubAck`).
 * @throws PublishFailure for anything but the acknowledgement of the expected stream.
 */
export const readAcknowledgement = (answer: Uint8Array, stream: string): Receipt => {
  const fields = fieldsOf(answer)
  const refusal = fieldOf(fields, 'error')
  if (refusal !== undefined)
    throw refusedByStream({
      code: numberOf(fieldOf(refusal, 'err_code')) ?? 0,
      description: String(fieldOf(refusal, 'description')),
    })
  const sequence = numberOf(fieldOf(fields, 'seq'))
  if (sequence === null || sequence < 1)
    throw new PublishFailure('ambiguous', 'the answer is no acknowledgement')
  if (fieldOf(fields, 'stream') !== stream)
    // Stored, but where nobody of ours reads: the expected stream has it only once an operator moved the subject.
    throw new PublishFailure('retryable', `stored by another stream than ${stream}`)
  return { stream, sequence, duplicate: fieldOf(fields, 'duplicate') === true }
}

/** Undefined, which has no fields either, where the answer is no JSON. */
const fieldsOf = (answer: Uint8Array): unknown => {
  try {
    return JSON.parse(UTF8.decode(answer))
  } catch {
    return undefined
  }
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : null
