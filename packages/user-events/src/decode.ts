import { readEnvelope } from './read-envelope.ts'
import type { BodySchema } from './schema-problems.ts'
import { schemaProblems } from './schema-problems.ts'
import type { SchemaVersion } from './subjects.ts'
import type { UserEvent, UserEventData } from './user-event.ts'
import { USER_EVENT_V1_SCHEMA } from './user-event-v1.generated.ts'
import { USER_EVENT_V2_SCHEMA } from './user-event-v2.generated.ts'
import type { WireMessage } from './wire-message.ts'

export type Decoded<Version extends SchemaVersion> =
  | { readonly ok: true; readonly event: UserEvent<Version> }
  /** What is wrong, by header and field; without their values, which are personal. */
  | { readonly ok: false; readonly problem: string }

const SCHEMAS: Readonly<Record<SchemaVersion, BodySchema>> = {
  1: USER_EVENT_V1_SCHEMA,
  2: USER_EVENT_V2_SCHEMA,
}

/**
 * Reads a message as this version of the contract: of NATS or HTTP, first or replayed. Version 2 holds all of version 1
 * and can be read as such; the other way round there is nothing to be made up.
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
  const envelope = readEnvelope(message, data)
  return envelope.ok ? { ok: true, event: { ...envelope.envelope, data } } : envelope
}

const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
