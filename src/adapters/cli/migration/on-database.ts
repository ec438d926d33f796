import type { ChangeSyncMode, ReadSyncStatus } from '../../../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../../../ports/driving/migration/sync-report.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Cli, OwnerCommand } from '../shared/command.ts'

/** The use cases of the mode that need only the database. */
export type SyncUseCases = {
  readonly readSyncStatus: ReadSyncStatus
  readonly changeSyncMode: ChangeSyncMode
  readonly reportSync: ReportSync
}

export type OnDatabase = {
  /**
   * Reads and changes the mode with nothing set but the address of the database server. So an operator can step back to HTTP
   * calls without keys, broker and running service. Null when no server is configured.
   */
  readonly withDatabase: (
    work: (useCases: SyncUseCases) => Promise<CommandOutcome>,
  ) => Promise<CommandOutcome | null>
}

/** Runs the command on the database server. Without a server, the service that has the embedded database runs it. */
export const askDatabase = async (
  cli: Pick<Cli, 'ask'> & OnDatabase,
  command: OwnerCommand<SyncUseCases>,
  input: object,
): Promise<CommandOutcome> =>
  (await cli.withDatabase((useCases) => command.run(useCases, input))) ?? cli.ask(command, input)
