import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type {
  Migrate,
  MigrationReport,
  SchemaRefusal,
  SchemaState,
} from '../../../ports/driving/operations/schema.ts'

/** Brings the schema up to date. */
export const migrate = async ({
  migrate,
}: {
  readonly migrate: Migrate
}): Promise<CommandOutcome> => {
  const migrated = await migrate()
  return migrated.ok
    ? describeMigration(migrated.value)
    : describeSchemaRefusal(migrated.refusal, null)
}

/** What the doctor asks a running service for. */
export const reportSchema = async ({
  readSchemaState,
}: {
  readonly readSchemaState: () => Promise<SchemaState>
}): Promise<CommandOutcome> => {
  const state = await readSchemaState()
  return {
    exitCode: state === 'current' ? EXIT.ok : EXIT.failed,
    lines: [describeSchemaState(state)],
  }
}

export const describeMigration = ({ applied }: MigrationReport): CommandOutcome => ({
  exitCode: EXIT.ok,
  lines:
    applied.length === 0 ? ['The schema is up to date.'] : applied.map((name) => `Applied ${name}`),
})

/** The state of a schema, and what to do about it, as half a sentence. */
export const describeSchemaState = (state: SchemaState): string => SCHEMA_STATES[state]

const SCHEMA_STATES = {
  current: 'the schema is up to date',
  older: 'the schema is older than this version; bun run auth migrate updates it',
  newer: 'the schema was written by a newer version; start that one',
} as const satisfies Record<SchemaState, string>

/**
 * Why the database cannot be used as it is, and what to do. `place` says which database it is, like `at db:5432/auth`; null
 * for the one that is in use.
 */
export const describeSchemaRefusal = (
  refusal: SchemaRefusal,
  place: string | null,
): CommandOutcome => {
  const database = place === null ? 'The database' : `The database ${place}`
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

const complaintOf = (refusal: SchemaRefusal): string => {
  switch (refusal.kind) {
    case 'newer-schema':
      return 'was written by a newer version. Nothing was changed. Start that version, or name another database.'
    case 'older-schema':
      return 'has the schema of an older version, or none. Run as its owner: bun run auth migrate'
    case 'no-database':
      return `cannot be used now: ${refusal.reason}. Correct that, or name another database.`
    case 'no-receiver':
      return `says that Backend is called (${refusal.mode}). Set BACKEND_SYNC_URL; or run first: bun run auth sync set events --reason "…"`
  }
}
