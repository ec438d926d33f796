import type { Msg, MsgHdrs, NatsConnection } from 'nats'
import { MsgHdrsImpl } from 'nats'
import { PublishFailure } from '../../../domain/events/publish-failure.ts'
import type { EventMessage } from '../../../ports/driven/events/event-publisher.ts'
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
  const headers = encode(fields)
  try {
    return await connection.request(topic, body, { timeout: timeoutMs, headers })
  } catch (fault) {
    throw failedInClient(fault)
  }
}

const LINE_END = /[\r\n]/

/**
 * A headers object of its own for each message: the client keeps a reference until the bytes leave. Made at once, since
 * the client compares each name with all before it.
 */
const encode = (fields: EventMessage['headers']): MsgHdrs => {
  const record: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (LINE_END.test(name) || LINE_END.test(value))
      throw new PublishFailure('permanent', 'a header has more than one line')
    record[name] = [value]
  }
  return MsgHdrsImpl.fromRecord(record)
}
