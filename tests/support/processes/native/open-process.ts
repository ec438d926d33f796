import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Running } from '../../servers/provide/server.ts'
import { eventually, Hopeless } from '../timing/eventually.ts'
import { isAlive, isStopped, signalAll, treeOf } from './process-tree.ts'

export type NativeCommand = {
  readonly program: string
  readonly args: readonly string[]
  /** Deleted by `remove`; what the program says is in `log` there. */
  readonly folder: string
  /** Who runs it, when not who runs the tests. */
  readonly user?: { readonly uid: number; readonly gid: number }
  /** The signal that makes the process end without waiting for its clients. */
  readonly stopSignal: NodeJS.Signals
  /** Resolves once it answers. */
  readonly answers: () => Promise<unknown>
}

/** A program as a server; not started yet. */
export const openProcess = (command: NativeCommand): Running => {
  let child: ChildProcess | null = null
  const pids = () => (child?.pid === undefined || hasEnded(child) ? [] : treeOf(child.pid))
  const gone = (these: readonly number[]) =>
    eventually(`the end of ${command.program}`, 30, async () => {
      if (these.some(isAlive)) throw new Error('still there')
    })
  const end = async (signal: NodeJS.Signals, to: readonly number[]) => {
    const these = pids()
    signalAll(to, signal)
    // A frozen process hears nothing else until it goes on.
    signalAll(these, 'SIGCONT')
    await gone(these)
    child = null
  }
  const kill = () => end('SIGKILL', pids())
  return {
    start: async () => {
      child = launch(command)
      await whenAnswering(command, child)
    },
    stop: () => end(command.stopSignal, pids().slice(0, 1)),
    kill,
    freeze: async () => {
      // The parent first, so that it makes no more children; then whoever it had by then.
      signalAll(pids().slice(0, 1), 'SIGSTOP')
      signalAll(pids(), 'SIGSTOP')
      await eventually(`the standstill of ${command.program}`, 5, async () => {
        if (!pids().every(isStopped)) throw new Error('still running')
      })
    },
    thaw: async () => signalAll(pids().toReversed(), 'SIGCONT'),
    remove: async () => {
      await kill()
      rmSync(command.folder, { recursive: true, force: true })
    },
  }
}

const launch = ({ program, args, folder, user }: NativeCommand): ChildProcess => {
  const log = openSync(join(folder, 'log'), 'a')
  const [first = program, ...rest] = [...diesWithUs(), program, ...args]
  const child = spawn(first, rest, {
    ...user,
    cwd: folder,
    // Ctrl-C in a terminal reaches a whole process group; these are ended by us, in order.
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  return child
}

/** On Linux nothing outlives the tests, even when they are killed themselves. */
const diesWithUs = (): readonly string[] => {
  const setpriv = process.platform === 'linux' ? Bun.which('setpriv') : null
  return setpriv === null ? [] : [setpriv, '--pdeathsig', 'KILL', '--']
}

const whenAnswering = async ({ program, folder, answers }: NativeCommand, child: ChildProcess) => {
  let fault: Error | null = null
  child.once('error', (failure) => (fault = failure))
  await eventually(`an answer of ${program}`, 30, async () => {
    if (fault !== null || hasEnded(child)) throw new Hopeless(lastWords(folder), { cause: fault })
    return answers()
  })
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) =>
  exitCode !== null || signalCode !== null

const lastWords = (folder: string): string =>
  `it ended: ${readFileSync(join(folder, 'log'), 'utf8').trimEnd().slice(-2000)}`
