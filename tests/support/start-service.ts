import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const RUNTIMES = ['bun', 'deno', 'node'] as const
export type Runtime = (typeof RUNTIMES)[number]

const ROOT = resolve(import.meta.dir, '../..')
const BIN = join(ROOT, 'node_modules/.bin')

/** How each runtime starts the service; Node runs what `bun run build` made. */
const ENTRANCES: Readonly<Record<Runtime, readonly string[]>> = {
  bun: [join(BIN, 'bun'), join(ROOT, 'src/main/bun.ts')],
  deno: [join(BIN, 'deno'), 'run', '--allow-all', '--quiet', join(ROOT, 'src/main/deno.ts')],
  node: ['node', join(ROOT, 'dist/node.js')],
}

export type Environment = Readonly<Record<string, string | undefined>>

export type StartOptions = {
  readonly runtime?: Runtime
  /** Instead of the runtime's entry point. */
  readonly command?: readonly string[]
  readonly environment?: Environment
  /** Keeps the data of an earlier service; else there is a new folder, removed with `removeData`. */
  readonly dataDirectory?: string
  readonly startSeconds?: number
}

/** What a process said, as far as it has said it. */
export type Output = { readonly stdout: string; readonly stderr: string }

export type Ended = Output & { readonly exitCode: number | null; readonly seconds: number }

export type Service = {
  /** Like `http://127.0.0.1:49152`, without a slash at the end. */
  readonly url: string
  readonly managementUrl: string
  readonly dataDirectory: string
  readonly processId: number
  output(): Output
  /** Log lines so far, parsed; lines that are no JSON are left out. */
  logLines(): readonly LogLine[]
  /** Resolves with the first log line of that event, also an earlier one. */
  seen(event: string, match?: (line: LogLine) => boolean): Promise<LogLine>
  signal(signal: NodeJS.Signals): void
  /** Resolves when the process has ended by itself. */
  ended(): Promise<Ended>
  /** Ends it by signal and waits for that. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly event: string }

const START_SECONDS = 30
const SEEN_SECONDS = 10

const folders = new Set<string>()
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder of its own under the system's, gone with the test process. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'auth-service-test-'))
  folders.add(folder)
  return folder
}

/** The environment of a service under test: free ports, its own data, nothing of ours but the path. */
const environmentOf = (dataDirectory: string, own: Environment = {}): Record<string, string> => {
  const { PATH = '', HOME = '' } = process.env
  const environment = {
    ...{ PATH, HOME, NODE_ENV: 'test', PORT: '0', MANAGEMENT_PORT: '0', DATA_DIR: dataDirectory },
    ...own,
  }
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}

const spawn = (
  command: readonly string[],
  environment: Record<string, string>,
  stdin: string | null,
) => {
  const began = performance.now()
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    env: environment,
    stdin: stdin === null ? 'ignore' : new TextEncoder().encode(stdin),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const output = { stdout: '', stderr: '' }
  const listeners = new Set<() => void>()
  const collect = async (name: keyof typeof output, stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder()
    for await (const chunk of stream) {
      output[name] += decoder.decode(chunk, { stream: true })
      for (const listener of listeners) listener()
    }
  }
  const collected = Promise.all([collect('stdout', child.stdout), collect('stderr', child.stderr)])
  const ended = Promise.all([child.exited, collected]).then(
    (): Ended => ({
      ...output,
      exitCode: child.signalCode === null ? child.exitCode : null,
      seconds: (performance.now() - began) / 1000,
    }),
  )
  return { child, output, listeners, ended }
}

/** Runs a command to its end and tells what it said. */
export const runToEnd = (
  command: readonly string[],
  options: {
    readonly environment?: Environment
    readonly dataDirectory?: string
    readonly stdin?: string
  } = {},
): Promise<Ended> => {
  const directory = options.dataDirectory ?? join(temporaryFolder(), 'data')
  return spawn(command, environmentOf(directory, options.environment), options.stdin ?? null).ended
}

/** Runs `bun run auth …` to its end. */
export const runCommand = (
  words: readonly string[],
  options: {
    readonly environment?: Environment
    readonly dataDirectory?: string
    readonly stdin?: string
  } = {},
): Promise<Ended> => runToEnd([join(BIN, 'bun'), join(ROOT, 'src/main/cli.ts'), ...words], options)

/** Starts a service that is expected to refuse, and waits for its end. */
export const startToEnd = (options: StartOptions = {}): Promise<Ended> =>
  runToEnd(options.command ?? ENTRANCES[options.runtime ?? 'bun'], {
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.dataDirectory === undefined ? {} : { dataDirectory: options.dataDirectory }),
  })

/**
 * Starts the service as a process of its own and waits until it says that it has started.
 * @throws Error with everything the process said, when it ends or stays silent instead.
 */
export const startService = async (options: StartOptions = {}): Promise<Service> => {
  const runtime = options.runtime ?? 'bun'
  const command = options.command ?? ENTRANCES[runtime]
  if (
    runtime === 'node' &&
    options.command === undefined &&
    !existsSync(join(ROOT, 'dist/node.js'))
  )
    throw new Error('dist/node.js is missing: bun run build makes it')
  const dataDirectory = options.dataDirectory ?? join(temporaryFolder(), 'data')
  const { child, output, listeners, ended } = spawn(
    command,
    environmentOf(dataDirectory, options.environment),
    null,
  )
  const logLines = () => parseLines(output.stdout)

  const waitFor = (
    event: string,
    match: (line: LogLine) => boolean,
    seconds: number,
  ): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const line = logLines().find((candidate) => candidate.event === event && match(candidate))
        if (line === undefined) return
        finish()
        resolve(line)
      }
      const giveUp = (why: string) => {
        finish()
        reject(new Error(`${event} was not seen: ${why}\n${output.stdout}\n${output.stderr}`))
      }
      const timer = setTimeout(() => giveUp(`${seconds} s passed`), seconds * 1000)
      const finish = () => {
        clearTimeout(timer)
        listeners.delete(look)
      }
      listeners.add(look)
      void ended.then(({ exitCode }) => giveUp(`the process ended with ${exitCode}`))
      look()
    })

  const started = await waitFor(
    'service.started',
    () => true,
    options.startSeconds ?? START_SECONDS,
  ).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })
  const { address, managementAddress } = started
  return {
    url: String(address),
    managementUrl: String(managementAddress),
    dataDirectory,
    processId: child.pid,
    output: () => ({ ...output }),
    logLines,
    seen: (event, match = () => true) => waitFor(event, match, SEEN_SECONDS),
    signal: (signal) => child.kill(signal),
    ended: () => ended,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}

const parseLines = (text: string): readonly LogLine[] =>
  text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      return isLogLine(value) ? [value] : []
    } catch {
      return []
    }
  })

const isLogLine = (value: unknown): value is LogLine =>
  typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string'
