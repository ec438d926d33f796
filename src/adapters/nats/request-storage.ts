import type { Msg, NatsConnection } from 'nats'
import { headers } from 'nats'
import { PublishFailure } from '../../domain/publish-failure.ts'
import type { EventMessage } from '../../ports/driven/event-publisher.ts'
import { failedInClient } from './publish-errors.ts'

/** Tokens of visible ASCII without wildcards; anything else would break the line of the protocol or match too much. */
const LITERAL_SUBJECT = /^[!-)+-\-/-=?-~]+(\.[!-)+-\-/-=?-~]+)*$/

/**
 * Sends one message and resolves with the server's answer.
 * @throws PublishFailure
 */
export const requestStorage = async (
  connection: NatsConnection,
  topic: string,
  { headers: fields, body }: EventMessage,
  timeoutMs: number,
): Promise<Msg> => {
  if (!LITERAL_SUBJECT.test(topic)) throw new PublishFailure('permanent', `${topic} is no subject`)
  try {
    return await connection.request(topic, body, { timeout: timeoutMs, headers: encode(fields) })
  } catch (fault) {
    throw failedInClient(fault)
  }
}

/** A headers object of its own for each message: the client keeps a reference until the bytes leave. */
const encode = (fields: EventMessage['headers']) => {
  const encoded = headers()
  for (const [name, value] of Object.entries(fields)) encoded.set(name, value)
  return encoded
}
