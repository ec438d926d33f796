import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

type Parentage = { readonly pid: number; readonly parent: number }

/** A process and all below it, parents first. Children of PostgreSQL leave its process group, so groups do not do. */
export const treeOf = (root: number): readonly number[] => {
  const all = process.platform === 'linux' ? fromProc() : fromPs()
  const below = (pid: number): number[] => [
    pid,
    ...all.filter(({ parent }) => parent === pid).flatMap((child) => below(child.pid)),
  ]
  return below(root)
}

/** Sends a signal to each; those that are gone already are passed over. */
export const signalAll = (pids: readonly number[], signal: NodeJS.Signals): void => {
  for (const pid of pids)
    try {
      process.kill(pid, signal)
    } catch (fault) {
      if (!isGone(fault)) throw fault
    }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || stateOf(pid) !== 'Z'
  } catch {
    return false
  }
}

/** True once no thread of it runs any more: the signal is only on its way when sending it returns. */
export const isStopped = (pid: number): boolean => {
  if (process.platform !== 'linux') return true
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => 'TZ'.includes(stateOf(thread)))
  } catch {
    return true
  }
}

const isGone = (fault: unknown): boolean =>
  fault instanceof Error && 'code' in fault && fault.code === 'ESRCH'

const fromProc = (): Parentage[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(statOf(Number(name))[1]) }))

const fromPs = (): Parentage[] =>
  execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0]) => ({ pid, parent }))

/** State and parent stand behind the name, which is in brackets and may hold anything. Of a thread as well. */
const statOf = (id: number | string): readonly string[] => {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

const stateOf = (id: number | string): string => statOf(id)[0] ?? ''
