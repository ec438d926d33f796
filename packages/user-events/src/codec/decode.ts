import type { SchemaVersion } from '../contract/subjects.ts'
import type { UserEvent, UserEventData } from '../contract/user-event.ts'
import { USER_EVENT_V1_SCHEMA } from '../contract/user-event-v1.generated.ts'
import { USER_EVENT_V2_SCHEMA } from '../contract/user-event-v2.generated.ts'
import type { WireMessage } from '../contract/wire-message.ts'
import { joinedHeader } from '../contract/wire-message.ts'
import { decodeHeaderValue } from './header-value.ts'
import type { BodySchema } from './schema-problems.ts'
import { schemaProblems } from './schema-problems.ts'

export type Decoded<Version extends SchemaVersion> =
  | { readonly ok: true; readonly event: UserEvent<Version> }
  /** What is wrong, by header and field. It contains no values, because they are personal data. */
  | { readonly ok: false; readonly problem: string }

const SCHEMAS: Readonly<Record<SchemaVersion, BodySchema>> = {
  1: USER_EVENT_V1_SCHEMA,
  2: USER_EVENT_V2_SCHEMA,
}

/**
 * Reads a message as this version of the contract, whether it came over NATS or HTTP, first or replayed. A message of
 * version 2 can be read as version 1, because it contains all its fields. A message of version 1 cannot be read as
 * version 2.
 */
export const decode = <Version extends SchemaVersion>(
  message: WireMessage,
  version: Version,
): Decoded<Version> => {
  const body = parse(message.body)
  if (body === undefined) return { ok: false, problem: 'the body is not JSON in UTF-8' }
  const problems = schemaProblems(SCHEMAS[version], body)
  if (problems.length > 0) return { ok: false, problem: problems.join('; ') }
  const data = body as UserEventData[Version]
  const read = readEnvelope(message, data)
  return read.ok ? { ok: true, event: { ...read.envelope, data } } : read
}

// A byte order mark is kept, and is then no JSON (RFC 8259 §8.1).
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const parse = (bytes: Uint8Array): unknown => {
  try {
    const text = UTF8.decode(bytes)
    return hasHalfPair(text) ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/
/** A backslash with what it escapes. The first half of a surrogate pair takes the second half that follows it along. */
const ESCAPES = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/g
const HALF_PAIR = /^\\u[dD][89a-fA-F][0-9a-fA-F]{2}$/

/**
 * Whether the JSON has an escape of half a surrogate pair. Such a text can be neither stored nor sent as UTF-8, and many
 * languages refuse or replace it when they read it.
 */
const hasHalfPair = (json: string): boolean =>
  ESCAPED_SURROGATE.test(json) && (json.match(ESCAPES) ?? []).some((one) => HALF_PAIR.test(one))

type ReadEnvelope =
  | { readonly ok: true; readonly envelope: Omit<UserEvent, 'data'> }
  | { readonly ok: false; readonly problem: string }

// Always 20 digits, because the attribute is compared as text.
const SEQUENCE = /^[0-9]{20}$/
// As the service writes them. In another form one user or event would have two names.
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Reads the envelope from the headers. It is a problem when headers and body disagree. */
const readEnvelope = (
  message: WireMessage,
  data: UserEventData[1] | UserEventData[2],
): ReadEnvelope => {
  const text = (name: string) => decodeHeaderValue(joinedHeader(message, name) ?? '')
  const eventId = text('ce-id')
  const type = text('ce-type')
  const sequence = text('ce-sequence')
  const version = SEQUENCE.test(sequence) ? Number(sequence) : 0
  const ending = `.user.${data.action}`
  const problems = {
    'ce-specversion is not 1.0': text('ce-specversion') !== '1.0',
    'ce-id is missing': eventId === '',
    'ce-id is not a UUID in lower case': eventId !== '' && !UUID.test(eventId),
    'ce-source is missing': text('ce-source') === '',
    'ce-subject is not the id of the body': text('ce-subject') !== data.id,
    'id is not a UUID in lower case': !UUID.test(data.id),
    'ce-type does not end with the action of the body': !type.endsWith(ending),
    'ce-type has no prefix': type === ending,
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
      traceparent: joinedHeader(message, 'traceparent') ?? null,
    },
  }
}
