import process from 'node:process'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { ChangeSyncMode, ReadSyncStatus } from '../../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../../ports/driving/migration/sync-report.ts'
import type {
  CommandOutcome,
  OwnerCommandName,
} from '../../ports/driving/operations/owner-commands.ts'
import { readCommandLine, USAGE } from './command-line.ts'
import type { Command } from './commands.ts'
import type { ServeNeeds, VerifyNeeds } from './events/contracts.ts'
import { serveContracts, verifyContracts } from './events/contracts.ts'
import { printDeadLetters } from './events/dead-letters.ts'
import { sendInParts } from './events/send-events.ts'
import { tailEvents } from './events/tail-events.ts'
import { setSyncMode } from './migration/set-sync-mode.ts'
import { syncReport } from './migration/sync-report.ts'
import { syncStatus } from './migration/sync-status.ts'
import type { DoctorNeeds } from './operations/doctor.ts'
import { runDoctor } from './operations/doctor.ts'
import type { GivenKeysNeeds } from './sessions/signing-keys.ts'
import { changeGivenKeys, makeNewKeys } from './sessions/signing-keys.ts'
import { askPassword, askReason } from './shared/ask-line.ts'
import type { Print, ServiceCommands } from './shared/service-commands.ts'

/** The use cases of the mode that need only the database. */
export type SyncUseCases = {
  readonly readSyncStatus: ReadSyncStatus
  readonly changeSyncMode: ChangeSyncMode
  readonly reportSync: ReportSync
}

/** What the command line needs besides its own words. */
export type CommandLineNeeds = {
  readonly print: Print
  readonly pause: Pause
  /** Gives the commands to the service that runs on the data. If none runs, a service is composed for these commands. */
  readonly withService: (
    work: (commands: ServiceCommands) => Promise<CommandOutcome>,
  ) => Promise<CommandOutcome>
  /** Migrates a database server with nothing set but its address. Null when no server is named. */
  readonly migrateServer: () => Promise<CommandOutcome | null>
  /**
   * Reads and changes the mode with nothing set but the address of the database server. So an operator can step back to HTTP
   * calls without keys, broker and running service. Null when no server is configured.
   */
  readonly withDatabase: (
    work: (useCases: SyncUseCases) => Promise<CommandOutcome>,
  ) => Promise<CommandOutcome | null>
  readonly keys: GivenKeysNeeds
  readonly contracts: VerifyNeeds & ServeNeeds
  readonly doctor: DoctorNeeds
}

/** Runs the command that the words of the command line ask for. */
export const runCommandLine = async (
  words: readonly string[],
  needs: CommandLineNeeds,
): Promise<CommandOutcome> => {
  const command = readCommandLine(words)
  return command.ok
    ? runCommand(command.value, needs)
    : { exitCode: EXIT.usage, lines: [command.refusal, '', ...USAGE] }
}

const runCommand = async (command: Command, needs: CommandLineNeeds): Promise<CommandOutcome> => {
  const { print, pause, withService, withDatabase } = needs
  const onService = (name: OwnerCommandName, input: object): Promise<CommandOutcome> =>
    withService((commands) => commands.run(name, input))
  switch (command.kind) {
    case 'help':
      return { exitCode: EXIT.ok, lines: USAGE }
    case 'keys-generate':
      return makeNewKeys(needs.keys, command.file)
    case 'keys-rotate':
    case 'keys-retire': {
      const { kind, file } = command
      return (await changeGivenKeys(needs.keys, kind, file)) ?? onService(kind, {})
    }
    case 'doctor':
      return runDoctor(needs.doctor)
    case 'admin-create': {
      const password = await askPassword()
      if (password.trim() === '') return emptyPassword
      const { email, username } = command
      return onService(command.kind, { email, username, password })
    }
    case 'users-unlock':
      return onService(command.kind, { account: command.account })
    case 'events-tail':
      return untilStopped((stopping) =>
        withService((commands) => tailEvents({ commands, print, pause, stopping }, command.userId)),
      )
    case 'events-replay':
      return onService(command.kind, command.request)
    case 'events-send':
    case 'events-snapshot': {
      const { kind, request } = command
      if (request.dryRun) return onService(kind, request)
      return untilStopped((stopping) =>
        withService((commands) => sendInParts({ commands, print, stopping }, kind, request)),
      )
    }
    case 'dead-letters-list':
      return withService((commands) => printDeadLetters({ commands, print }, command.consumer))
    case 'dead-letters-redrive':
      return onService(command.kind, command.selection)
    case 'nats-consumer':
      return onService(command.kind, command.request)
    case 'events-discard':
      return onService(command.kind, { ...command.selection, reason: await askReason() })
    case 'contract-verify':
      return verifyContracts(needs.contracts, command.request)
    case 'contract-serve':
      return untilStopped((stopping) =>
        serveContracts({ ...needs.contracts, print, stopping }, command.request),
      )
    case 'sync-status':
      return (await withDatabase(syncStatus)) ?? onService(command.kind, {})
    case 'sync-report':
      return (await withDatabase(syncReport)) ?? onService(command.kind, {})
    case 'sync-set': {
      const { kind, request } = command
      return (
        (await withDatabase((useCases) => setSyncMode(useCases, request))) ??
        onService(kind, request)
      )
    }
    case 'plain':
      return (
        (command.name === 'migrate' ? await needs.migrateServer() : null) ??
        onService(command.name, {})
      )
  }
}

const emptyPassword: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['The password is empty. Nothing was changed.'],
}

/** Runs work that ends soon after the first SIGINT or SIGTERM, and that says how far it came. */
const untilStopped = async (
  work: (stopping: AbortSignal) => Promise<CommandOutcome>,
): Promise<CommandOutcome> => {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, stop)
  try {
    return await work(stopping.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
