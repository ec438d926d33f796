import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { MigrationReport } from '../composition.ts'
import { EXIT } from '../exit-codes.ts'

export const reportMigration = ({ applied }: MigrationReport): CommandOutcome => ({
  exitCode: EXIT.ok,
  lines:
    applied.length === 0 ? ['The schema is up to date.'] : applied.map((name) => `Applied ${name}`),
})
