import { existsSync, readFileSync } from 'node:fs'
import process from 'node:process'

/** A process as a lock names it: a number alone may be somebody else's after a restart of the machine. */
export type ProcessIdentity = {
  readonly processId: number
  /** Ticks between the start of the machine and that of the process; null where the system does not tell. */
  readonly startedAtTick: string | null
}

export const thisProcess = (): ProcessIdentity => identify(process.pid)

export const isAlive = ({ processId, startedAtTick }: ProcessIdentity): boolean => {
  if (!existsSync('/proc/self/stat')) return answersSignals(processId)
  const present = identify(processId)
  return present.startedAtTick !== null && present.startedAtTick === startedAtTick
}

const identify = (processId: number): ProcessIdentity => ({
  processId,
  startedAtTick: startTick(processId),
})

/** Null also for a process that ended and waits for its parent to notice. */
const startTick = (processId: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8')
    // The second field is the program's name in brackets, and may hold spaces and brackets itself.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? null : (fields[18] ?? null)
  } catch {
    return null
  }
}

const answersSignals = (processId: number): boolean => {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    // Somebody else's process does not take our signals, but it lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
