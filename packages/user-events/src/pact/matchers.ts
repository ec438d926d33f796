import { MatchersV3 } from '@pact-foundation/pact'
import type { BodySchema, ValueSchema } from '../codec/schema-problems.ts'
import type { SchemaVersion } from '../contract/subjects.ts'
import { USER_EVENT_V1_SCHEMA } from '../contract/user-event-v1.generated.ts'
import { USER_EVENT_V2_SCHEMA } from '../contract/user-event-v2.generated.ts'

const { like, regex, uuid } = MatchersV3

const SCHEMAS: Readonly<Record<SchemaVersion, BodySchema>> = {
  1: USER_EVENT_V1_SCHEMA,
  2: USER_EVENT_V2_SCHEMA,
}

/** These fields say what the message is about, so their exact values are promised. */
const EXACT = ['action', 'schemaVersion']

/** The Pact matcher of one field with a sample value. It never promises more than the schema does. */
export const fieldMatcher = (version: SchemaVersion, field: string, sample: unknown): unknown => {
  const schema = SCHEMAS[version].properties[field]
  // The provider state decides which fields are null.
  if (sample === null || schema === undefined || EXACT.includes(field)) return sample
  return typeof sample === 'string' ? textMatcher(schema, sample) : like(sample)
}

const textMatcher = (schema: ValueSchema, sample: string): unknown => {
  if (schema.format === 'uuid') return uuid(sample)
  if (schema.enum !== undefined) return regex(`^(${schema.enum.join('|')})$`, sample)
  return schema.pattern === undefined ? like(sample) : regex(whole(schema.pattern), sample)
}

/** In JSON Schema a pattern may match anywhere in the text; in Pact it has to match the whole text. */
const whole = (pattern: string): string => (pattern.endsWith('$') ? pattern : `${pattern}.*$`)

/** The Pact matchers of the headers that `decode` reads, and of the content type, which Pact calls `contentType`. */
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
