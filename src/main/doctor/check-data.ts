import { existsSync } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { LockOwner } from '../../adapters/filesystem/directory-lock.ts'
import { readPrivateFile } from '../../adapters/filesystem/private-files.ts'
import type { Config } from '../config.ts'
import { KEY_FILE, readOwnKeys } from '../key-file.ts'
import type { Finding } from './findings.ts'
import { ill, well } from './findings.ts'

/** The folder, or the nearest one above that is there to make it in. */
export const checkDirectory = async ({ dataDirectory }: Config): Promise<Finding> => {
  if (dataDirectory === 'memory:') return well('none: everything is kept in memory')
  const folder = resolve(dataDirectory)
  try {
    await access(nearestExisting(folder), constants.W_OK | constants.X_OK)
    return well(existsSync(folder) ? folder : `${folder}, to be made by the first start`)
  } catch {
    return ill(`${folder} cannot be written`)
  }
}

const nearestExisting = (path: string): string =>
  existsSync(path) ? path : nearestExisting(dirname(path))

export const checkLock = (owner: LockOwner | null): Finding => {
  if (owner === null) return well('nobody has the data directory')
  const { processId, managementPort } = owner
  return managementPort === null
    ? ill(`process ${processId} has the data directory and does not serve yet`)
    : well(`process ${processId} has it and takes commands on port ${managementPort}`)
}

/** Given keys were checked with the configuration. */
export const checkKeys = async (config: Config): Promise<Finding> => {
  const { dataDirectory, refreshKeys, signingKeys } = config
  if (signingKeys !== null && refreshKeys !== null) return well('given by JWT_KEYS and REFRESH_KEY')
  if (dataDirectory === 'memory:') return well('made anew by each start')
  const found = await readOwnKeys({
    readPrivate: (name) => readPrivateFile(join(resolve(dataDirectory), name)).catch(() => null),
  })
  if (!found.ok) return ill(`${KEY_FILE} cannot be read; restore it`)
  return found.value === null
    ? well('to be made by the first start')
    : well(`${found.value.signingKeys.length} signing keys in ${KEY_FILE}`)
}

/** Whether there is an embedded database to look at. */
export const hasDatabase = ({ dataDirectory }: Config): boolean =>
  existsSync(join(resolve(dataDirectory), 'database', 'PG_VERSION'))
