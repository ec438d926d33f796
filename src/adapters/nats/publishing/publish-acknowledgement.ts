import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type { Receipt } from '../../../ports/driven/events/event-publisher.ts'
import { refusedByStream } from './publish-errors.ts'

const UTF8 = new TextDecoder()

/**
 * Reads the answer of a stream to a publish (`PubAck`, ADR-1 of the NATS project).
 * @throws PublishFailure for anything but an acknowledgement of the expected stream.
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
    // Stored, but in a stream that our consumers do not read. An operator has to move the subject to the expected stream.
    throw new PublishFailure('retryable', `stored by another stream than ${stream}`)
  return { stream, sequence, duplicate: fieldOf(fields, 'duplicate') === true }
}

/** Undefined when the answer is no JSON; `fieldOf` finds no field in it. */
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
