import { MatchersV3 } from '@pact-foundation/pact'
import type { BodySchema, ValueSchema } from './schema-problems.ts'
import type { SchemaVersion } from './subjects.ts'
import { USER_EVENT_V1_SCHEMA } from './user-event-v1.generated.ts'
import { USER_EVENT_V2_SCHEMA } from './user-event-v2.generated.ts'

const { like, regex, uuid } = MatchersV3

const SCHEMAS: Readonly<Record<SchemaVersion, BodySchema>> = {
  1: USER_EVENT_V1_SCHEMA,
  2: USER_EVENT_V2_SCHEMA,
}

/** These say what the message is about, so they are promised as they are. */
const EXACT = ['action', 'schemaVersion']

/** What the contract promises of one field, shown by a sample: never more than its schema says. */
export const fieldMatcher = (version: SchemaVersion, field: string, sample: unknown): unknown => {
  const schema = SCHEMAS[version].properties[field]
  // A provider state fixes which fields are null.
  if (sample === null || schema === undefined || EXACT.includes(field)) return sample
  return typeof sample === 'string' ? textMatcher(schema, sample) : like(sample)
}

const textMatcher = (schema: ValueSchema, sample: string): unknown => {
  if (schema.format === 'uuid') return uuid(sample)
  if (schema.enum !== undefined) return regex(`^(${schema.enum.join('|')})$`, sample)
  return schema.pattern === undefined ? like(sample) : regex(whole(schema.pattern), sample)
}

/** JSON Schema looks for a pattern anywhere; Pact wants it to match the whole text. */
const whole = (pattern: string): string => (pattern.endsWith('$') ? pattern : `${pattern}.*$`)

/** The headers that `decode` reads, and what Pact calls the content type. */
export const headerMatchers = (headers: Readonly<Record<string, string>>, action: string) => {
  const shown = (name: string) => headers[name] ?? ''
  return {
    'ce-specversion': '1.0',
    'ce-id': uuid(shown('ce-id')),
    'ce-subject': uuid(shown('ce-subject')),
    'ce-sequence': regex('^\\d{20}$', shown('ce-sequence')),
    'ce-source': like(shown('ce-source')),
    'ce-type': regex(`^.+\\.user\\.${action}$`, shown('ce-type')),
    contentType: 'application/json',
  }
}
