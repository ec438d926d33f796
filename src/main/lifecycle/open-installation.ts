import type { DataDirectory, DirectoryRefusal } from '../../adapters/filesystem/data-directory.ts'
import { takeDataDirectory } from '../../adapters/filesystem/data-directory.ts'
import { codeOf } from '../../adapters/filesystem/private-files.ts'
import type { Refusal } from '../../domain/operations/exit-codes.ts'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Config } from '../config/config.ts'
import { makeSecret } from '../config/secret.ts'
import type { Installation, KeyFile } from './composition.ts'
import type { OwnKeys } from './own-keys.ts'
import { generateOwnKeys, KEY_FILE, readOwnKeys, refreshKeysOf, writeOwnKeys } from './own-keys.ts'

/** An installation that this process holds. */
export type OpenInstallation = {
  readonly installation: Installation
  /** Keys were generated just now, since none were given or found. */
  readonly generatedKeys: boolean
  /** Lets the command line know where the service takes commands. */
  announce(managementPort: number): Promise<void>
  /** Gives the data directory up. */
  release(): Promise<void>
}

/** Takes the data directory and finds, or generates, the keys. Nothing stays taken after a refusal. */
export const openInstallation = async (
  config: Config,
): Promise<Result<OpenInstallation, Refusal>> => {
  if (config.dataDirectory === 'memory:' || needsNoDirectory(config)) return ok(inMemory(config))
  const taken = await takeDataDirectory(config.dataDirectory)
  if (!taken.ok) return fail(refuseDirectory(config.dataDirectory, taken.refusal))
  const directory = taken.value
  const found = await readOwnKeys(directory)
  if (!found.ok) {
    await directory.release()
    return fail(damagedKeys(config.dataDirectory))
  }
  const keys = found.value ?? generateOwnKeys()
  const generatedKeys = found.value === null && needsKeys(config)
  if (generatedKeys)
    try {
      await writeOwnKeys(directory, keys)
    } catch (fault) {
      await directory.release()
      const reason = codeOf(fault)
      if (reason === null) throw fault
      return fail(refuseUnwritable(config.dataDirectory, reason))
    }
  return ok({
    installation: {
      ...keysOf(config, keys),
      config,
      databasePath: directory.databasePath,
      keyFile: config.signingKeys === null ? keyFileIn(directory) : null,
      ownerToken: makeSecret(directory.ownerToken),
    },
    generatedKeys,
    announce: directory.announce,
    release: directory.release,
  })
}

/** True with a database server and given keys. Then nothing is stored in a directory, and several instances may share a machine. */
const needsNoDirectory = (config: Config): boolean =>
  config.databaseUrl !== null && !needsKeys(config)

const needsKeys = (config: Config): boolean =>
  config.signingKeys === null || config.refreshKeys === null

const keysOf = (config: Config, keys: OwnKeys) => ({
  signingKeys: config.signingKeys ?? keys.signingKeys,
  refreshKeys: config.refreshKeys ?? refreshKeysOf(keys),
})

const keyFileIn = (directory: DataDirectory): KeyFile => ({
  read: async () => {
    const found = await readOwnKeys(directory)
    if (!found.ok || found.value === null) throw new Error(`${KEY_FILE} cannot be read`)
    return found.value
  },
  write: (changed) => writeOwnKeys(directory, changed),
})

const inMemory = (config: Config): OpenInstallation => ({
  installation: {
    ...keysOf(config, generateOwnKeys()),
    config,
    databasePath: 'memory:',
    keyFile: null,
    ownerToken: null,
  },
  generatedKeys: needsKeys(config),
  announce: async () => {},
  release: async () => {},
})

const refuseDirectory = (path: string, refusal: DirectoryRefusal): Refusal => {
  if (refusal.kind === 'unwritable') return refuseUnwritable(path, refusal.reason)
  const where = refusal.managementPort === null ? '' : `, management port ${refusal.managementPort}`
  const line = `The data directory ${path} is in use by process ${refusal.processId}${where}. Stop that process, or set DATA_DIR to another folder.`
  return { exitCode: EXIT.locked, lines: [line] }
}

/** `reason` is the error code of the system, like EACCES. */
export const refuseUnwritable = (path: string, reason: string): Refusal => {
  const advice = NO_SPACE.has(reason)
    ? 'The disk is full. Free space on it, or set DATA_DIR to a folder on another disk.'
    : 'Set DATA_DIR to one that can.'
  return {
    exitCode: EXIT.unwritable,
    lines: [`The data directory ${path} cannot be written (${reason}). ${advice}`],
  }
}

const NO_SPACE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

const damagedKeys = (path: string): Refusal => ({
  exitCode: EXIT.unreadableData,
  lines: [
    `The keys in ${path}/${KEY_FILE} cannot be read. Restore the file. Without a copy, remove it: that signs everybody out.`,
  ],
})
