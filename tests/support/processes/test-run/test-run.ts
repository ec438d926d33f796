import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** Names the folder to the processes that the test command starts, so that it can clear up after all of them. */
export const RUN_FOLDER = 'TEST_RUN_FOLDER'

let made: string | null = null

/** The folder that holds everything of one run. */
export const runFolder = (): string => process.env[RUN_FOLDER] ?? made ?? make()

const make = (): string => {
  made = mkdtempSync(join(tmpdir(), 'auth-test-'))
  // PostgreSQL runs as another user than root and has to get in.
  chmodSync(made, 0o755)
  return made
}

/** Tells the containers of this run from those of others. */
export const runName = (): string => basename(runFolder())

/** A new folder for the files of one server. */
export const newFolder = (purpose: string): string => {
  const folder = join(runFolder(), `${purpose}-${crypto.randomUUID().slice(0, 8)}`)
  mkdirSync(folder)
  return folder
}

/**
 * Moves a folder that this process has made to where every process of the run looks for it, unless another one was quicker:
 * what is there by that name is complete.
 */
export const keepFirst = (made: string, name: string): void => {
  try {
    renameSync(made, name)
  } catch (fault) {
    if (!existsSync(name)) throw fault
  }
}

/** Whoever made it removes it. */
export const removeRunFolder = (): void => {
  if (made !== null) rmSync(made, { recursive: true, force: true })
  made = null
}

/** `bun run test --long` sets this variable to `long`. */
export const TEST_LENGTH = 'TEST_LENGTH'

/** Some tests have a short form, for every commit, and a long one, which tries the same more often or for longer. */
export const isLongRun: boolean = process.env[TEST_LENGTH] === 'long'
