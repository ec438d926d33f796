import { randomUUID } from 'node:crypto'
import { link, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessIdentity } from './living-processes.ts'
import { isAlive, thisProcess } from './living-processes.ts'
import { codeOf, PRIVATE_FILE, readPrivateFile, writePrivateFile } from './private-files.ts'

/** Who has a directory, and where its owner takes commands; no port while it starts. */
export type LockOwner = { readonly processId: number; readonly managementPort: number | null }

export type DirectoryLock = {
  /** Lets others know where the owner takes commands. */
  announce(managementPort: number): Promise<void>
  release(): Promise<void>
}

type Entry = ProcessIdentity & LockOwner
type Numbered = { readonly number: number; readonly entry: Entry | null }

/**
 * Takes the lock, or answers who has it. Locks are numbered and the highest counts, so that a lock left behind is
 * never removed to make room for the next one: of two that find it, only one can write the number after it.
 */
export const takeLock = async (folder: string): Promise<DirectoryLock | LockOwner> => {
  const locks = await readLocks(folder)
  const owner = livingOwner(locks)
  if (owner !== null) return owner
  const number = (locks.at(-1)?.number ?? 0) + 1
  const mine: Entry = { ...thisProcess(), managementPort: null }
  if (!(await writeOnce(lockPath(folder, number), mine))) return takeLock(folder)
  const rival = livingOwner((await readLocks(folder)).filter((lock) => lock.number !== number))
  if (rival !== null) {
    await rm(lockPath(folder, number), { force: true })
    return rival
  }
  await Promise.all(locks.map((lock) => rm(lockPath(folder, lock.number), { force: true })))
  return heldLock(lockPath(folder, number), mine)
}

/** Who has the directory now; null when nobody does. */
export const readLockOwner = async (folder: string): Promise<LockOwner | null> =>
  livingOwner(await readLocks(folder))

const heldLock = (path: string, mine: Entry): DirectoryLock => ({
  announce: (managementPort) => writePrivateFile(path, JSON.stringify({ ...mine, managementPort })),
  release: () => rm(path, { force: true }),
})

const lockPath = (folder: string, number: number): string => join(folder, `lock.${number}`)

/** False when that lock exists. Its content is there from the first moment. */
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

const livingOwner = (locks: readonly Numbered[]): LockOwner | null => {
  const living = locks.findLast(({ entry }) => entry !== null && isAlive(entry))?.entry
  return living ? { processId: living.processId, managementPort: living.managementPort } : null
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

/** Null for what is no lock of ours: an unreadable one holds nobody back. */
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
