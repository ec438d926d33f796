import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ROOT } from '../scripts/repository.ts'

const children = new Set<ChildProcess>()
const folders = new Set<string>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is gone with this process. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'auth-service-bench-'))
  folders.add(folder)
  return folder
}

/** A port of this machine that nobody listens on. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

const spawnProgram = (
  program: string,
  words: readonly string[],
  options: SpawnOptions,
): ChildProcess => {
  const child = spawn(process.execPath, [join(ROOT, program), ...words], { cwd: ROOT, ...options })
  children.add(child)
  child.once('close', () => children.delete(child))
  return child
}

export type Program = {
  /** Writes a line to the program and resolves with the line that it answers. @throws Error when it ends instead. */
  ask(line: string): Promise<string>
  stop(): Promise<void>
}

/** Starts a program that answers each line with a line and ends when there is none left. */
export const openProgram = (program: string, words: readonly string[]): Program => {
  const child = spawnProgram(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error('a program came without pipes')
  const answers = createInterface({ input: stdout })[Symbol.asyncIterator]()
  const closed = once(child, 'close')
  return {
    ask: async (line) => {
      stdin.write(`${line}\n`)
      const answer = await answers.next()
      if (answer.done) throw new Error(`${program} ended early`)
      return answer.value
    },
    stop: async () => {
      stdin.end()
      await closed
    },
  }
}

export type Server = {
  readonly url: string
  readonly managementUrl: string
  /** From the start of the process to the first 200 of the address it was asked at. */
  readonly secondsToReady: number
  stop(): Promise<void>
}

export type ServerOptions = {
  /** Put after the address; a 200 there says that the server is ready. */
  readonly readyPath: string
  readonly environment: Readonly<Record<string, string>>
}

const READY_WITHIN_MS = 60_000

/** Starts a program that listens on PORT, on this machine only; what it writes goes to a file as an operator's would. */
export const startServer = async (
  program: string,
  { readyPath, environment }: ServerOptions,
): Promise<Server> => {
  const [port, managementPort] = [await freePort(), await freePort()]
  const { PATH = '', HOME = '' } = process.env
  const ports = { PORT: String(port), MANAGEMENT_PORT: String(managementPort) }
  const log = openSync(join(temporaryFolder(), 'log'), 'a')
  const began = performance.now()
  const child = spawnProgram(program, [], {
    env: { PATH, HOME, ...ports, ...environment },
    stdio: ['ignore', log, 'inherit'],
  })
  const url = `http://127.0.0.1:${port}`
  await untilReady(`${url}${readyPath}`, child, began)
  return {
    url,
    managementUrl: `http://127.0.0.1:${managementPort}`,
    secondsToReady: (performance.now() - began) / 1000,
    stop: async () => {
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await closed
    },
  }
}

const untilReady = async (address: string, child: ChildProcess, began: number): Promise<void> => {
  while (!(await isReady(address))) {
    if (child.exitCode !== null) throw new Error(`a server ended with ${child.exitCode}`)
    if (performance.now() - began > READY_WITHIN_MS) throw new Error('a server is not ready')
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
