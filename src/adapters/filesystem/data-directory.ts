import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { LockOwner } from './directory-lock.ts'
import { readLockOwner, takeLock } from './directory-lock.ts'
import { codeOf, PRIVATE_FOLDER, readPrivateFile, writePrivateFile } from './private-files.ts'

/** The folder of a service with the embedded database. This process owns it until `release`. */
export type DataDirectory = {
  /** Where the embedded database keeps its files. */
  readonly databasePath: string
  /** 256 random bits that each owner creates anew. A client that can read the token may give commands. */
  readonly ownerToken: string
  /** Publishes the port where the owner takes commands from the command line. */
  announce(managementPort: number): Promise<void>
  /** Reads a file that only the owner of the folder can read; null when there is none. */
  readPrivate(name: string): Promise<string | null>
  writePrivate(name: string, text: string): Promise<void>
  release(): Promise<void>
}

export type DirectoryRefusal =
  | ({ readonly kind: 'locked' } & LockOwner)
  /** `reason` is the error code of the system, like EACCES. */
  | { readonly kind: 'unwritable'; readonly reason: string }

const TOKEN = 'owner-token'

/**
 * Creates the folder if necessary, and locks it for this process. A lock counts while the process that wrote it is
 * alive. Writes nothing but the lock and the token.
 */
export const takeDataDirectory = async (
  path: string,
): Promise<Result<DataDirectory, DirectoryRefusal>> => {
  const folder = resolve(path)
  try {
    await mkdir(join(folder, 'database'), { recursive: true, mode: PRIVATE_FOLDER })
    const lock = await takeLock(folder)
    if (!('release' in lock)) return fail({ kind: 'locked', ...lock })
    const ownerToken = randomBytes(32).toString('base64url')
    await writePrivateFile(join(folder, TOKEN), ownerToken)
    return ok({
      databasePath: join(folder, 'database'),
      ownerToken,
      announce: lock.announce,
      readPrivate: (name) => readPrivateFile(join(folder, name)),
      writePrivate: (name, text) => writePrivateFile(join(folder, name), text),
      release: lock.release,
    })
  } catch (error) {
    const reason = codeOf(error)
    if (reason === null) throw error
    return fail({ kind: 'unwritable', reason })
  }
}

/** The process that owns the folder, with its port and token; null when there is none. */
export const findOwner = async (
  path: string,
): Promise<(LockOwner & { readonly token: string | null }) | null> => {
  const folder = resolve(path)
  try {
    const owner = await readLockOwner(folder)
    return owner && { ...owner, token: await readPrivateFile(join(folder, TOKEN)) }
  } catch (error) {
    if (codeOf(error) === null) throw error
    return null
  }
}
