import type { DataDirectory, DirectoryRefusal } from '../adapters/filesystem/data-directory.ts'
import { takeDataDirectory } from '../adapters/filesystem/data-directory.ts'
import type { Result } from '../domain/shared/result.ts'
import { fail, ok } from '../domain/shared/result.ts'
import type { Ground } from './composition.ts'
import { makeSecret } from './config/secret.ts'
import type { Config } from './config.ts'
import type { Refusal } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'
import type { OwnKeys } from './key-file.ts'
import { generateOwnKeys, KEY_FILE, readOwnKeys, refreshKeysOf, writeOwnKeys } from './key-file.ts'

/** The ground together with what holds it. */
export type Foundation = {
  readonly ground: Ground
  /** Keys were made just now, since none were given or found. */
  readonly madeKeys: boolean
  /** Lets the command line know where the service takes commands. */
  announce(managementPort: number): Promise<void>
  release(): Promise<void>
}

/** Takes the data directory and finds, or makes, the keys. Nothing stays taken after a refusal. */
export const layGround = async (config: Config): Promise<Result<Foundation, Refusal>> => {
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
  const madeKeys = found.value === null && needsKeys(config)
  if (madeKeys) await writeOwnKeys(directory, keys)
  const { announce, release } = directory
  return ok({ ground: onDirectory(config, directory, keys), madeKeys, announce, release })
}

/** With a server and given keys there is nothing to keep, and any number of instances may share a machine. */
const needsNoDirectory = (config: Config): boolean =>
  config.databaseUrl !== null && !needsKeys(config)

const needsKeys = (config: Config): boolean =>
  config.signingKeys === null || config.refreshKeys === null

const groundOf = (config: Config, keys: OwnKeys) => ({
  config,
  signingKeys: config.signingKeys ?? keys.signingKeys,
  refreshKeys: config.refreshKeys ?? refreshKeysOf(keys),
})

const onDirectory = (config: Config, directory: DataDirectory, keys: OwnKeys): Ground => ({
  ...groundOf(config, keys),
  databasePath: directory.databasePath,
  ownerToken: makeSecret(directory.ownerToken),
  keyFile:
    config.signingKeys === null
      ? {
          read: async () => {
            const found = await readOwnKeys(directory)
            if (!found.ok || found.value === null) throw new Error(`${KEY_FILE} cannot be read`)
            return found.value
          },
          write: (changed) => writeOwnKeys(directory, changed),
        }
      : null,
})

const inMemory = (config: Config): Foundation => ({
  ground: {
    ...groundOf(config, generateOwnKeys()),
    databasePath: 'memory:',
    keyFile: null,
    ownerToken: null,
  },
  madeKeys: needsKeys(config),
  announce: async () => {},
  release: async () => {},
})

const refuseDirectory = (path: string, refusal: DirectoryRefusal): Refusal => {
  if (refusal.kind === 'unwritable')
    return {
      exitCode: EXIT.unwritable,
      lines: [
        `The data directory ${path} cannot be written (${refusal.reason}). Set DATA_DIR to one that can.`,
      ],
    }
  const where = refusal.managementPort === null ? '' : `, management port ${refusal.managementPort}`
  const line = `The data directory ${path} is in use by process ${refusal.processId}${where}. Stop that process, or set DATA_DIR to another folder.`
  return { exitCode: EXIT.locked, lines: [line] }
}

const damagedKeys = (path: string): Refusal => ({
  exitCode: EXIT.unreadableData,
  lines: [
    `The keys in ${path}/${KEY_FILE} cannot be read. Restore the file; or remove it, which signs everybody out.`,
  ],
})
