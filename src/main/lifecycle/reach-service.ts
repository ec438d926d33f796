import { askService, unknownCommand } from '../../adapters/cli/operations/ask-service.ts'
import { describeSchemaRefusal } from '../../adapters/cli/operations/migrate.ts'
import type { OwnerCommand, ServiceCommands } from '../../adapters/cli/shared/command.ts'
import { findOwner } from '../../adapters/filesystem/data-directory.ts'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { Config } from '../config/config.ts'
import { databasePlace } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Compose, Composition } from './composition.ts'
import { openInstallation } from './open-installation.ts'
import type { TellInstallation } from './tell-installation.ts'

const PATIENCE_MILLISECONDS = 20_000
const BETWEEN_TRIES_MILLISECONDS = 100

type Work = (commands: ServiceCommands) => Promise<CommandOutcome>

/**
 * Gives commands where the data is: to the service that has the data directory, else here. While another process is
 * just starting, or gives a command too, it waits for a moment.
 */
export const withService = async (
  compose: Compose,
  tell: TellInstallation,
  work: Work,
): Promise<CommandOutcome> => {
  const loaded = loadConfig()
  if (!loaded.ok) return loaded.refusal
  const config = loaded.value
  if (config.dataDirectory === 'memory:') return keepsNothing
  const until = Date.now() + PATIENCE_MILLISECONDS
  for (;;) {
    const outcome = await attempt(config, compose, tell, work)
    if (outcome.exitCode !== EXIT.locked || Date.now() > until) return outcome
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MILLISECONDS))
  }
}

const keepsNothing: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['DATA_DIR is memory:, which keeps nothing. Set it to the folder of the service.'],
}

const attempt = async (
  config: Config,
  compose: Compose,
  tell: TellInstallation,
  work: Work,
): Promise<CommandOutcome> => {
  const owner = await findOwner(config.dataDirectory)
  tell.ofConfig(config, owner)
  if (owner === null) return runHere(config, compose, work)
  const { processId, managementPort: port, token } = owner
  if (port === null || token === null) return starting(processId)
  const service = { host: config.management.host, port, token }
  return work({ run: ({ name }, input) => askService(service, name, input), isShared: true })
}

const starting = (processId: number): CommandOutcome => ({
  exitCode: EXIT.locked,
  lines: [
    `Process ${processId} has the data directory and takes no commands yet. Try again in a moment.`,
  ],
})

const runHere = async (config: Config, compose: Compose, work: Work): Promise<CommandOutcome> => {
  const opened = await openInstallation(config)
  if (!opened.ok) return opened.refusal
  const { installation, release } = opened.value
  try {
    const composed = await compose({ ...installation, config: { ...config, logLevel: 'silent' } })
    if (!composed.ok) return composed.refusal
    try {
      return await work({
        run: (command, input) => runOn(composed.value, config, command, input),
        isShared: config.databaseUrl !== null,
      })
    } finally {
      await composed.value.stop()
    }
  } finally {
    await release()
  }
}

const runOn = async (
  composition: Composition,
  config: Config,
  { name, requires = 'receiver' }: OwnerCommand<never>,
  input: object,
): Promise<CommandOutcome> => {
  if (requires !== 'nothing') {
    const migrated = await composition.migrate()
    const mayContinue =
      migrated.ok || (migrated.refusal.kind === 'no-receiver' && requires === 'schema')
    if (!mayContinue && !migrated.ok)
      return describeSchemaRefusal(migrated.refusal, databasePlace(config))
  }
  return (await composition.runCommand(name, input)) ?? unknownCommand
}
