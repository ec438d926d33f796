import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '../../scripts/repository.ts'

const children = new Set<ChildProcess>()
const folders = new Set<string>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A new folder that is deleted at the end of this process. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'auth-service-bench-'))
  folders.add(folder)
  return folder
}

/** A TCP port of this machine on which nothing listens. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}

const spawnProgram = (
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess => {
  const child = spawn(process.execPath, [join(ROOT, program), ...args], { cwd: ROOT, ...options })
  children.add(child)
  child.once('close', () => children.delete(child))
  return child
}

export type Program = {
  /**
   * Writes a line to the program, and reads the line that it answers.
   * @throws Error when the program ends instead.
   */
  ask(line: string): Promise<string>
  stop(): Promise<void>
}

/** Starts a program that answers each line of its standard input with one line, and ends when the input ends. */
export const openProgram = (program: string, args: readonly string[]): Program => {
  const child = spawnProgram(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error(`${program} was started without pipes`)
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const closed = once(child, 'close')
  return {
    ask: async (line) => {
      stdin.write(`${line}\n`)
      const answer = await answers.next()
      if (answer.done) throw new Error(`${program} ended before it answered`)
      return answer.value
    },
    stop: async () => {
      stdin.end()
      await closed
    },
  }
}

export type ServerProcess = {
  readonly url: string
  readonly managementUrl: string
  /** From the start of the process to the first 200 of its ready path. */
  readonly secondsToReady: number
  stop(): Promise<void>
}

type ServerOptions = {
  /** The server is ready when this path answers 200. */
  readonly readyPath: string
  readonly environment: Readonly<Record<string, string>>
}

const READY_WITHIN_MS = 60_000

/**
 * Starts a program that listens on PORT, on this machine only, and waits until it is ready. Its standard output goes to a
 * file.
 */
export const startServer = async (
  program: string,
  { readyPath, environment }: ServerOptions,
): Promise<ServerProcess> => {
  const [port, managementPort] = [await freePort(), await freePort()]
  const { PATH = '', HOME = '' } = process.env
  const log = openSync(join(temporaryFolder(), 'log'), 'a')
  const startedAt = performance.now()
  const child = spawnProgram(program, [], {
    env: {
      PATH,
      HOME,
      PORT: String(port),
      MANAGEMENT_PORT: String(managementPort),
      ...environment,
    },
    stdio: ['ignore', log, 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await waitUntilReady(`${url}${readyPath}`, child, startedAt)
  return {
    url,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    secondsToReady: (performance.now() - startedAt) / 1000,
    stop: async () => {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    },
  }
}

const waitUntilReady = async (
  address: string,
  child: ChildProcess,
  startedAt: number,
): Promise<void> => {
  while (!(await isReady(address))) {
    if (child.exitCode !== null)
      throw new Error(
        `the server ended with exit code ${child.exitCode} before ${address} was ready`,
      )
    if (performance.now() - startedAt > READY_WITHIN_MS)
      throw new Error(`${address} was not ready within ${READY_WITHIN_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const isReady = async (address: string): Promise<boolean> => {
  try {
    const response = await fetch(address)
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}
