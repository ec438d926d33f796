import type { SchemaRefusal } from './composition.ts'
import type { Config } from './config.ts'
import type { Refusal } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'

type Place = Pick<Config, 'databaseUrl' | 'dataDirectory'>

/** Why nothing can be done with the database as it is, and what to do. Without a place: the one that is in use. */
export const describeSchemaRefusal = (refusal: SchemaRefusal, place: Place | null): Refusal => {
  const database = place === null ? 'The database' : `The database ${nameOf(place)}`
  return {
    exitCode: EXIT_CODES[refusal.kind],
    lines: [`${database} ${complaintOf(refusal)}`],
  }
}

const EXIT_CODES = {
  'newer-schema': EXIT.unreadableData,
  'older-schema': EXIT.unreadableData,
  'no-database': EXIT.unavailable,
  'no-receiver': EXIT.configuration,
} as const satisfies Record<SchemaRefusal['kind'], number>

/** Host, port and name; neither user nor password. */
const nameOf = ({ databaseUrl, dataDirectory }: Place): string => {
  if (databaseUrl === null) return `in ${dataDirectory}`
  const { host, pathname } = new URL(databaseUrl.reveal())
  return `at ${host}${pathname}`
}

const complaintOf = (refusal: SchemaRefusal): string => {
  switch (refusal.kind) {
    case 'newer-schema':
      return 'was written by a newer version. Nothing was changed. Start that version, or name another database.'
    case 'older-schema':
      return 'has the schema of an older version, or none. Run as its owner: bun run auth migrate'
    case 'no-database':
      return `cannot be used now: ${refusal.reason}. Mend that, or name another database.`
    case 'no-receiver':
      return `says that Backend is called (${refusal.mode}). Set BACKEND_SYNC_URL; or run first: bun run auth sync set events --reason "…"`
  }
}
