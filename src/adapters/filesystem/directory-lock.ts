import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { link, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { codeOf, PRIVATE_FILE, readPrivateFile, writePrivateFile } from './private-files.ts'

/** The process that owns a directory, and the port where it takes commands; null while it starts. */
export type LockOwner = { readonly processId: number; readonly managementPort: number | null }

export type DirectoryLock = {
  /** Publishes the port where the owner takes commands. */
  announce(managementPort: number): Promise<void>
  release(): Promise<void>
}

type Entry = ProcessIdentity & LockOwner
type Numbered = { readonly number: number; readonly entry: Entry | null }

/**
 * Takes the lock, or answers who has it. Locks are numbered, and the highest one counts. So the lock of a process that
 * is gone need not be removed first: of two processes that find it, only one can write the next number.
 */
export const takeLock = async (folder: string): Promise<DirectoryLock | LockOwner> => {
  const locks = await readLocks(folder)
  const owner = liveOwner(locks)
  if (owner !== null) return owner
  const number = (locks.at(-1)?.number ?? 0) + 1
  const mine: Entry = { ...thisProcess(), managementPort: null }
  if (!(await writeOnce(lockPath(folder, number), mine))) return takeLock(folder)
  const rival = liveOwner((await readLocks(folder)).filter((lock) => lock.number !== number))
  if (rival !== null) {
    await rm(lockPath(folder, number), { force: true })
    return rival
  }
  await Promise.all(locks.map((lock) => rm(lockPath(folder, lock.number), { force: true })))
  return heldLock(lockPath(folder, number), mine)
}

/** The process that owns the directory now; null when there is none. */
export const readLockOwner = async (folder: string): Promise<LockOwner | null> =>
  liveOwner(await readLocks(folder))

const heldLock = (path: string, mine: Entry): DirectoryLock => ({
  announce: (managementPort) => writePrivateFile(path, JSON.stringify({ ...mine, managementPort })),
  release: () => rm(path, { force: true }),
})

const lockPath = (folder: string, number: number): string => join(folder, `lock.${number}`)

/** Writes the lock file atomically, with its content. False when it exists already. */
const writeOnce = async (path: string, entry: Entry): Promise<boolean> => {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, JSON.stringify(entry), { mode: PRIVATE_FILE, flag: 'wx' })
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

const liveOwner = (locks: readonly Numbered[]): LockOwner | null => {
  const owner = locks.findLast(({ entry }) => entry !== null && isAlive(entry))?.entry
  return owner ? { processId: owner.processId, managementPort: owner.managementPort } : null
}

const readLocks = async (folder: string): Promise<Numbered[]> => {
  const numbers = (await readdir(folder))
    .flatMap((name) => /^lock\.(\d{1,9})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
  return Promise.all(
    numbers.map(async (number) => ({
      number,
      entry: parseEntry(await readPrivateFile(lockPath(folder, number))),
    })),
  )
}

/** Null for a file that is not a lock of this service. Such a file blocks nobody. */
const parseEntry = (text: string | null): Entry | null => {
  try {
    const entry: Partial<Record<keyof Entry, unknown>> | null = JSON.parse(text ?? 'null')
    const { processId, startedAtTick, managementPort } = entry ?? {}
    return typeof processId === 'number'
      ? {
          processId,
          startedAtTick: typeof startedAtTick === 'string' ? startedAtTick : null,
          managementPort: typeof managementPort === 'number' ? managementPort : null,
        }
      : null
  } catch {
    return null
  }
}

/** A process, as a lock names it. After a restart of the machine another process may have the same id. */
type ProcessIdentity = {
  readonly processId: number
  /** Clock ticks between the start of the machine and the start of the process; null where the system does not tell. */
  readonly startedAtTick: string | null
}

const thisProcess = (): ProcessIdentity => identify(process.pid)

const isAlive = ({ processId, startedAtTick }: ProcessIdentity): boolean => {
  if (!existsSync('/proc/self/stat')) return answersSignals(processId)
  const current = identify(processId)
  return current.startedAtTick !== null && current.startedAtTick === startedAtTick
}

const identify = (processId: number): ProcessIdentity => ({
  processId,
  startedAtTick: startTick(processId),
})

/** Null also for a zombie: a process that ended and whose parent has not noticed yet. */
const startTick = (processId: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8')
    // The second field is the program's name in brackets. The name may contain spaces and brackets.
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
    // A process of another user refuses our signal, but it is alive.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
