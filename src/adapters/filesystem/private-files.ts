import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'

/** Only the owner of the file may read it. */
export const PRIVATE_FILE = 0o600
export const PRIVATE_FOLDER = 0o700

/** Replaces a file atomically: a reader sees the old text or the new text. */
export const writePrivateFile = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.${randomUUID()}`
  try {
    await writeFile(draft, text, { mode: PRIVATE_FILE, flag: 'wx' })
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

/** Writes a file that did not exist before, and waits until it is on the disk. Refused with the error code of the system. */
export const createPrivateFile = async (
  path: string,
  text: string,
): Promise<Result<null, string>> => {
  try {
    await writeFile(path, text, { mode: PRIVATE_FILE, flag: 'wx', flush: true })
    return ok(null)
  } catch (error) {
    const code = codeOf(error)
    if (code === null) throw error
    return fail(code)
  }
}

/** Null when there is no such file. */
export const readPrivateFile = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** The error code of the system, like ENOENT; null for any other error. */
export const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
