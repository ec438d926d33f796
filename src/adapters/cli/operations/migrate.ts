import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type {
  Migrate,
  MigrationReport,
  SchemaRefusal,
  SchemaState,
} from '../../../ports/driving/operations/schema.ts'
import type { Cli, OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { done } from '../shared/outcomes.ts'

/** Brings the schema up to date. */
const migrateSchema: OwnerCommand<{ readonly migrate: Migrate }> = {
  name: 'migrate',
  requires: 'nothing',
  run: async ({ migrate }) => {
    const migrated = await migrate()
    return migrated.ok
      ? describeMigration(migrated.value)
      : describeSchemaRefusal(migrated.refusal, null)
  },
}

type MigrateServer = {
  /** Migrates a database server with nothing set but its address. Null when no server is named. */
  readonly migrateServer: () => Promise<CommandOutcome | null>
}

export const migrate = defineCommand({
  words: 'migrate',
  summary: 'bring the schema of the database up to date',
  description:
    'On a database server it needs only MIGRATION_DATABASE_URL or DATABASE_URL. Run it as the owner of the database.',
  examples: ['migrate'],
  parts: [migrateSchema],
  declare: (command, cli: Cli & MigrateServer) =>
    command.action(cli.runs(async () => (await cli.migrateServer()) ?? cli.ask(migrateSchema, {}))),
})

/** What the doctor asks a running service for. */
export const reportSchema: OwnerCommand<{ readonly readSchemaState: () => Promise<SchemaState> }> =
  {
    name: 'schema',
    requires: 'nothing',
    run: async ({ readSchemaState }) => {
      const state = await readSchemaState()
      return {
        exitCode: state === 'current' ? EXIT.ok : EXIT.failed,
        lines: [describeSchemaState(state)],
        documents: [{ state }],
      }
    },
  }

export const describeMigration = ({ applied }: MigrationReport): CommandOutcome =>
  applied.length === 0
    ? done({ applied }, 'The schema is up to date.')
    : done({ applied }, ...applied.map((name) => `Applied ${name}`))

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
  'wrong-encoding': EXIT.configuration,
  'no-rights': EXIT.configuration,
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
    case 'wrong-encoding':
      return `has the encoding ${refusal.encoding}. The service needs UTF8: create the database with "encoding 'UTF8' template template0".`
    case 'no-rights':
      return `does not give this role the rights that it needs: ${refusal.reason}. Set MIGRATION_DATABASE_URL to the address with the role that owns the database, and grant the service's role what ops/postgres/app-role.sql says.`
    case 'no-receiver':
      return `says that Backend is called (${refusal.mode}). Set BACKEND_SYNC_URL; or run first: bun run auth sync set events --reason "…"`
  }
}
