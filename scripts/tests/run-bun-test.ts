import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { isAlive, signalAll, treeOf } from '../../tests/support/processes/native/process-tree.ts'
import { atTheEnd, isEnding } from '../../tests/support/processes/test-run/at-the-end.ts'

export type BunTest = {
  /** The working directory. */
  readonly root: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

export type BunTestEnd = {
  /** Its standard error, where Bun writes the results. */
  readonly output: string
  readonly exitCode: number | null
  /** It was stopped, because it took longer than its limit. */
  readonly isTooLate: boolean
}

/**
 * Runs `bun test` and passes on its output at once. After `limitSeconds` it is stopped, with every process that it started.
 * @throws Error when a signal is already ending this process.
 */
export const runBunTest = async (
  { root, args, environment }: BunTest,
  limitSeconds: number,
): Promise<BunTestEnd> => {
  if (isEnding()) throw new Error('A signal ended the tests.')
  const child = spawn(process.execPath, ['test', ...args], {
    cwd: root,
    env: { ...process.env, ...colourVariables(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C in a terminal reaches a whole process group. The tests have their own group, and this process stops them.
    detached: true,
  })
  const end = () => endTree(child)
  atTheEnd(end)
  let output = ''
  child.stdout.pipe(process.stdout, { end: false })
  child.stderr.pipe(process.stderr, { end: false })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  let isTooLate = false
  const limit = globalThis.setTimeout(() => {
    isTooLate = true
    void end()
  }, limitSeconds * 1000)
  try {
    const [exitCode] = await once(child, 'close')
    return { output, exitCode, isTooLate }
  } finally {
    clearTimeout(limit)
    // A test that forgot to stop a service must not slow the next level.
    if (child.pid !== undefined) killGroup(child.pid)
  }
}

/** Time for tests to stop their services and servers. */
const GRACE_SECONDS = 10

/** Stops a process and its descendants with SIGTERM, and kills what is left after 10 s. */
const endTree = async ({ pid, exitCode, signalCode }: ChildProcess): Promise<void> => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  const pids = treeOf(pid)
  signalAll(pids, 'SIGTERM')
  const deadline = performance.now() + GRACE_SECONDS * 1000
  while (pids.some(isAlive) && performance.now() < deadline) await setTimeout(50)
  signalAll(pids.filter(isAlive), 'SIGKILL')
  // Kills what was started meanwhile, unless it has its own process group.
  killGroup(pid)
}

const killGroup = (leader: number): void => {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // The group has no process left.
  }
}

const colourVariables = () => (process.stderr.isTTY ? { FORCE_COLOR: '1' } : {})
