import { decodeHeaderValue } from './header-value.ts'
import type { UserEvent, UserEventData } from './user-event.ts'
import type { WireMessage } from './wire-message.ts'
import { headerOf } from './wire-message.ts'

type ReadEnvelope =
  | { readonly ok: true; readonly envelope: Omit<UserEvent, 'data'> }
  | { readonly ok: false; readonly problem: string }

const DIGITS = /^\d{1,20}$/

/** What the headers say about an event, as long as they and the body agree on what it is about. */
export const readEnvelope = (
  message: WireMessage,
  data: UserEventData[1] | UserEventData[2],
): ReadEnvelope => {
  const text = (name: string) => decodeHeaderValue(headerOf(message, name) ?? '')
  const [eventId, type, sequence] = [text('ce-id'), text('ce-type'), text('ce-sequence')]
  const version = DIGITS.test(sequence) ? Number(sequence) : 0
  const problems = {
    'ce-specversion is not 1.0': text('ce-specversion') !== '1.0',
    'ce-id is missing': eventId === '',
    'ce-source is missing': text('ce-source') === '',
    'ce-subject is not the id of the body': text('ce-subject') !== data.id,
    'ce-type does not end with the action of the body': !type.endsWith(`.user.${data.action}`),
    'ce-sequence is not a version': !Number.isSafeInteger(version) || version < 1,
    'eventId is not ce-id': 'eventId' in data && data.eventId !== eventId,
    'version is not ce-sequence': 'version' in data && data.version !== version,
  }
  const found = Object.entries(problems).filter(([, isWrong]) => isWrong)
  if (found.length > 0) return { ok: false, problem: found.map(([name]) => name).join('; ') }
  return {
    ok: true,
    envelope: {
      eventId,
      userId: data.id,
      version,
      action: data.action,
      occurredAt: new Date(data.timestamp),
      type,
      source: text('ce-source'),
      traceparent: headerOf(message, 'traceparent') ?? null,
    },
  }
}
