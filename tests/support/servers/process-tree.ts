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
    return stateOf(pid) !== 'Z'
  } catch {
    return false
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

/** State and parent stand behind the name, which is in brackets and may hold anything. */
const statOf = (pid: number): readonly string[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}

const stateOf = (pid: number): string | undefined =>
  process.platform === 'linux' ? statOf(pid)[0] : undefined
