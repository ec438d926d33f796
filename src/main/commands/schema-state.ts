import type { SchemaState } from './owner-command-needs.ts'

/** What to do about a schema, in half a sentence. */
export const describeSchemaState = (state: SchemaState): string => SENTENCES[state]

const SENTENCES = {
  current: 'the schema is up to date',
  older: 'the schema is older than this version; bun run auth migrate brings it up',
  newer: 'the schema was written by a newer version; start that one',
} as const satisfies Record<SchemaState, string>
