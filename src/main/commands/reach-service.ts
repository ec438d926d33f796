import { findOwner } from '../../adapters/filesystem/data-directory.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { Compose, Composition } from '../composition.ts'
import type { Config, Listener } from '../config.ts'
import { loadConfig } from '../configuration.ts'
import { describeSchemaRefusal } from '../describe-schema-refusal.ts'
import { EXIT } from '../exit-codes.ts'
import { layGround } from '../lay-ground.ts'
import type { OwnerCommandName } from './owner-commands.ts'

const PATIENCE_MILLISECONDS = 20_000
const BETWEEN_TRIES_MILLISECONDS = 100
/** A replay of the whole ledger takes its time. */
const LONGEST_COMMAND_MILLISECONDS = 600_000

/** Commands where the data is. */
export type Commands = {
  run(name: OwnerCommandName, input: object): Promise<CommandOutcome>
  /** Whether the data may change between two commands. */
  readonly isShared: boolean
}

type Work = (commands: Commands) => Promise<CommandOutcome>

/** Runs one command where the data is. */
export const runWhereDataIs = (
  compose: Compose,
  name: OwnerCommandName,
  input: object,
): Promise<CommandOutcome> => withCommands(compose, ({ run }) => run(name, input))

/**
 * Gives commands where the data is: to the service that has the data directory, else here. While somebody else is
 * just starting, or gives a command too, it waits for a moment.
 */
export const withCommands = async (compose: Compose, work: Work): Promise<CommandOutcome> => {
  const loaded = loadConfig()
  if (!loaded.ok) return loaded.refusal
  const config = loaded.value
  if (config.dataDirectory === 'memory:') return keepsNothing
  const until = Date.now() + PATIENCE_MILLISECONDS
  for (;;) {
    const outcome = await attempt(config, compose, work)
    if (outcome.exitCode !== EXIT.locked || Date.now() > until) return outcome
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MILLISECONDS))
  }
}

const keepsNothing: CommandOutcome = {
  exitCode: EXIT.failed,
  lines: ['DATA_DIR is memory:, which keeps nothing. Set it to the folder of the service.'],
}

const attempt = async (config: Config, compose: Compose, work: Work): Promise<CommandOutcome> => {
  const owner = await findOwner(config.dataDirectory)
  if (owner === null) return runHere(config, compose, work)
  if (owner.managementPort === null || owner.token === null) return busy(owner.processId)
  const { token, managementPort } = owner
  const listener = { host: config.management.host, port: managementPort }
  return work({ run: (name, input) => askService(listener, token, name, input), isShared: true })
}

const busy = (processId: number): CommandOutcome => ({
  exitCode: EXIT.locked,
  lines: [
    `Process ${processId} has the data directory and takes no commands yet. Try again in a moment.`,
  ],
})

const runHere = async (config: Config, compose: Compose, work: Work): Promise<CommandOutcome> => {
  const laid = await layGround(config)
  if (!laid.ok) return laid.refusal
  try {
    const quiet = { ...config, logLevel: 'silent' } as const
    const composed = await compose({ ...laid.value.ground, config: quiet })
    if (!composed.ok) return composed.refusal
    try {
      return await work({
        run: (name, input) => runOn(composed.value, config, name, input),
        isShared: config.databaseUrl !== null,
      })
    } finally {
      await composed.value.stop()
    }
  } finally {
    await laid.value.release()
  }
}

const runOn = async (
  composition: Composition,
  config: Config,
  name: OwnerCommandName,
  input: object,
): Promise<CommandOutcome> => {
  if (!NEED_NO_SCHEMA.has(name)) {
    const migrated = await composition.migrate()
    const mayGoOn =
      migrated.ok || (migrated.refusal.kind === 'no-receiver' && NEED_NO_RECEIVER.has(name))
    if (!mayGoOn && !migrated.ok) return describeSchemaRefusal(migrated.refusal, config)
  }
  return (await composition.runCommand(name, input)) ?? unknownCommand
}

const NEED_NO_SCHEMA: ReadonlySet<OwnerCommandName> = new Set(['migrate', 'schema', 'nats-apply'])

/** Without anybody to call, these are the way back to a mode that calls nobody. */
const NEED_NO_RECEIVER: ReadonlySet<OwnerCommandName> = new Set([
  'sync-status',
  'sync-report',
  'sync-set',
])

const unknownCommand: CommandOutcome = {
  exitCode: EXIT.usage,
  lines: ['The running service does not know this command: it is of another version.'],
}

const askService = async (
  { host, port }: Listener,
  token: string,
  name: OwnerCommandName,
  input: object,
): Promise<CommandOutcome> => {
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  try {
    const response = await fetch(`${address}/commands/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(LONGEST_COMMAND_MILLISECONDS),
    })
    if (response.status === 404) return unknownCommand
    const outcome: unknown = await response.json()
    return isOutcome(outcome) ? outcome : unavailable(`answered ${response.status} at ${address}`)
  } catch {
    return unavailable(`does not answer at ${address}`)
  }
}

const unavailable = (what: string): CommandOutcome => ({
  exitCode: EXIT.unavailable,
  lines: [`The running service ${what}. See what it logged, or stop it and try again.`],
})

const isOutcome = (value: unknown): value is CommandOutcome =>
  typeof value === 'object' &&
  value !== null &&
  'exitCode' in value &&
  typeof value.exitCode === 'number' &&
  'lines' in value &&
  Array.isArray(value.lines)
