import { join } from 'node:path'
import { ROOT } from '../../../../scripts/repository.ts'

export const BIN = join(ROOT, 'node_modules/.bin')

export type Environment = Readonly<Record<string, string | undefined>>

/** What a process said, as far as it has said it. */
export type Output = { readonly stdout: string; readonly stderr: string }

/** `exitCode` is null when a signal ended it. */
export type Ended = Output & { readonly exitCode: number | null; readonly seconds: number }

export type Spawned = {
  readonly processId: number
  output(): Output
  signal(signal: NodeJS.Signals): void
  ended(): Promise<Ended>
  /** Resolves with the first thing that `look` finds in what was said, also earlier. Throws after that time. */
  waitFor<T>(what: string, look: (output: Output) => T | undefined, seconds: number): Promise<T>
}

/** Starts a program with nothing in its environment but the given and where programs are. */
export const spawnProcess = (
  command: readonly string[],
  environment: Environment,
  stdin: string | null = null,
): Spawned => {
  const { PATH, HOME } = process.env
  const began = performance.now()
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    env: { PATH, HOME, DENO_NO_UPDATE_CHECK: '1', ...environment },
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
  return {
    processId: child.pid,
    output: () => ({ ...output }),
    signal: (signal) => child.kill(signal),
    ended: () => ended,
    waitFor: (what, look, seconds) =>
      new Promise((resolve, reject) => {
        const settle = (act: () => void) => {
          clearTimeout(timer)
          listeners.delete(tryAgain)
          act()
        }
        const giveUp = (why: string) =>
          settle(() =>
            reject(new Error(`${what} was not seen: ${why}\n${output.stdout}\n${output.stderr}`)),
          )
        const tryAgain = () => {
          const found = look(output)
          if (found !== undefined) settle(() => resolve(found))
        }
        const timer = setTimeout(() => giveUp(`${seconds} s passed`), seconds * 1000)
        listeners.add(tryAgain)
        void ended.then(({ exitCode }) => giveUp(`the process ended with ${exitCode}`))
        tryAgain()
      }),
  }
}
