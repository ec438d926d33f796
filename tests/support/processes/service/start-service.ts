import { symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ROOT } from '../../../../scripts/repository.ts'
import type { Ended, Environment, Output, Spawned } from '../native/spawn-process.ts'
import { BIN, spawnProcess } from '../native/spawn-process.ts'
import { temporaryFolder } from '../test-run/temporary-folder.ts'

export const RUNTIMES = ['bun', 'deno', 'node'] as const
export type Runtime = (typeof RUNTIMES)[number]

// The program itself: what stands under .bin is a wrapper that keeps signals to itself.
export const DENO = join(
  dirname(createRequire(import.meta.url).resolve('deno/package.json')),
  'deno',
)

/** How each runtime starts the service; Node runs what `bun run build` makes. */
export const ENTRANCES: Readonly<Record<Runtime, () => Promise<readonly string[]>>> = {
  bun: async () => [join(BIN, 'bun'), join(ROOT, 'src/main/bun.ts')],
  deno: async () => [DENO, 'run', '--allow-all', '--quiet', join(ROOT, 'src/main/deno.ts')],
  node: async () => ['node', join(await givenBundle(), 'node.js')],
}

export type StartOptions = {
  readonly runtime?: Runtime
  /** Instead of the runtime's entry point. */
  readonly command?: readonly string[]
  readonly environment?: Environment
  /** Keeps the data of an earlier service; else there is a new folder, gone with the test process. */
  readonly dataDirectory?: string
}

export type CommandOptions = Pick<StartOptions, 'environment' | 'dataDirectory'> & {
  readonly stdin?: string
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }
/** A message as the sample consumer prints it in development. */
export type Message = Readonly<Record<string, unknown>> & { readonly subject: string }

export type Service = Pick<Spawned, 'processId' | 'output' | 'signal' | 'ended'> & {
  /** Like `http://127.0.0.1:49152`, without a slash at the end. */
  readonly url: string
  readonly managementUrl: string
  readonly dataDirectory: string
  /** Log lines so far, parsed; what is no log line is left out. */
  logLines(): readonly LogLine[]
  /** Resolves with the first log line of that event, also an earlier one. */
  seen(event: string): Promise<LogLine>
  /** Resolves once it has said this, on standard output. */
  said(text: string): Promise<string>
  /** Resolves with the first consumed message that matches, also an earlier one. */
  consumed(match: (message: Message) => boolean): Promise<Message>
  /** Ends it by signal and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

const START_SECONDS = 30
const SEEN_SECONDS = 10

/** Free ports, its own data, and the production of nothing. */
const environmentOf = ({ dataDirectory, environment }: CommandOptions): Environment => ({
  NODE_ENV: 'test',
  PORT: '0',
  MANAGEMENT_PORT: '0',
  DATA_DIR: dataDirectory ?? join(temporaryFolder(), 'data'),
  ...environment,
})

/** What a command said. The line that names the installation is not part of `stderr`; null when there was none. */
export type CommandEnded = Ended & { readonly installation: string | null }

/** Runs `bun run auth …` to its end. */
export const runCommand = async (
  words: readonly string[],
  options: CommandOptions = {},
): Promise<CommandEnded> => {
  const command = [join(BIN, 'bun'), join(ROOT, 'src/main/cli.ts'), ...words]
  return readInstallation(
    await spawnProcess(command, environmentOf(options), options.stdin ?? null).ended(),
  )
}

/** Takes the line that names the installation out of the standard error of a command. */
export const readInstallation = (ended: Ended): CommandEnded => {
  const [line = '', installation = null] = /^Installation: (.+)\n/.exec(ended.stderr) ?? []
  return { ...ended, stderr: ended.stderr.slice(line.length), installation }
}

const entranceOf = async ({ command, runtime = 'bun' }: StartOptions) =>
  command ?? ENTRANCES[runtime]()

/** Starts a service that is expected to refuse, and waits for its end. */
export const startToEnd = async (options: StartOptions = {}): Promise<Ended> =>
  spawnProcess(await entranceOf(options), environmentOf(options)).ended()

/**
 * Starts the service as a process of its own and waits until it says that it has started.
 * @throws Error with everything the process said, when it ends or stays silent instead.
 */
export const startService = async (options: StartOptions = {}): Promise<Service> => {
  const dataDirectory = options.dataDirectory ?? join(temporaryFolder(), 'data')
  const environment = environmentOf({ ...options, dataDirectory })
  const spawned = spawnProcess(await entranceOf(options), environment)
  const { processId, output, signal, ended, waitFor } = spawned
  const lineOf = (event: string) => (said: Output) =>
    logLinesOf(said).find((line) => line.event === event)
  try {
    const started = await waitFor('the start', lineOf('service.started'), START_SECONDS)
    const { address, managementAddress } = started
    return {
      processId,
      output,
      signal,
      ended,
      dataDirectory,
      url: String(address),
      managementUrl: String(managementAddress),
      logLines: () => logLinesOf(output()),
      seen: (event) => waitFor(event, lineOf(event), SEEN_SECONDS),
      said: (text) =>
        waitFor(text, ({ stdout }) => (stdout.includes(text) ? text : undefined), SEEN_SECONDS),
      consumed: (match) =>
        waitFor('the message', (said) => messagesOf(said).find(match), SEEN_SECONDS),
      stop: (by = 'SIGTERM') => {
        signal(by)
        return ended()
      },
    }
  } catch (error) {
    signal('SIGKILL')
    throw error
  }
}

const logLinesOf = ({ stdout }: Output): readonly LogLine[] =>
  stdout
    .split('\n')
    .map(parse)
    .filter((line): line is LogLine => typeof line?.['event'] === 'string')

const messagesOf = ({ stdout }: Output): readonly Message[] =>
  [...stdout.matchAll(/^(user\.events\S*) (\{.*\})$/gm)].map(([, subject = '', body = '']) => ({
    ...parse(body),
    subject,
  }))

const parse = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

let built: Promise<string> | null = null

/** What `bun run build` makes of the sources as they are, this process's own: another file may build at the same time. */
const givenBundle = (): Promise<string> => {
  built ??= build()
  return built
}

const build = async (): Promise<string> => {
  const folder = temporaryFolder()
  const dist = join(folder, 'dist')
  // Node looks for packages beside the folder.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const command = [process.execPath, join(ROOT, 'scripts/build/build-service.ts'), dist]
  const { exitCode, stdout, stderr } = await spawnProcess(command, {}).ended()
  if (exitCode !== 0) throw new Error(`the build failed: ${stdout}${stderr}`)
  return dist
}

/** How each runtime starts the command line; Node runs what `bun run build` makes. */
export const commandLineOn = async (runtime: Runtime): Promise<readonly string[]> => {
  const cli = join(ROOT, 'src/main/cli.ts')
  if (runtime === 'node') return ['node', join(await givenBundle(), 'cli.js')]
  return runtime === 'bun' ? [join(BIN, 'bun'), cli] : [DENO, 'run', '--allow-all', '--quiet', cli]
}
