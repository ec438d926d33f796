import { resolve } from 'node:path'
import { hasEmbeddedDatabase } from '../../adapters/cli/operations/check-data.ts'
import type { LockOwner } from '../../adapters/filesystem/directory-lock.ts'
import { shownNats } from '../../adapters/nats/connection/nats-address.ts'
import type { PostgresAddress } from '../../adapters/postgres/driver/postgres-address.ts'
import type { Config } from '../config/config.ts'
import { databasePlace } from '../config/config.ts'
import type { Secret } from '../config/secret.ts'

/** Says which installation a command asks, on standard error and once for each command. */
export type TellInstallation = {
  /** `owner` is the process that has the data directory; null when there is none. */
  readonly ofConfig: (config: Config, owner: Pick<LockOwner, 'processId'> | null) => void
  /** A command that needs nothing but the database. */
  readonly ofDatabase: (databaseUrl: Secret<PostgresAddress>) => void
}

export const makeTellInstallation = (printError: (line: string) => void): TellInstallation => {
  let isTold = false
  const tell = (installation: string): void => {
    if (!isTold) printError(`Installation: ${installation}`)
    isTold = true
  }
  return {
    ofConfig: (config, owner) => tell([databaseOf(config, owner), ...natsOf(config)].join(', ')),
    ofDatabase: (databaseUrl) =>
      tell(`PostgreSQL ${databasePlace({ databaseUrl, dataDirectory: '' })}`),
  }
}

const databaseOf = (config: Config, owner: Pick<LockOwner, 'processId'> | null): string => {
  const { databaseUrl, dataDirectory } = config
  if (databaseUrl !== null) return `PostgreSQL ${databasePlace(config)}`
  if (dataDirectory === 'memory:') return 'in memory'
  const folder = resolve(dataDirectory)
  if (owner !== null) return `the service of process ${owner.processId}, with its data in ${folder}`
  return hasEmbeddedDatabase(dataDirectory)
    ? `the data in ${folder}; no service is running on it`
    : `the folder ${folder}, which has no data yet; DATA_DIR or DATABASE_URL names another one`
}

/** The servers of NATS, without credentials. */
const natsOf = ({ nats }: Config): readonly string[] =>
  nats === null ? [] : [`NATS at ${nats.servers.reveal().map(shownNats).join(', ')}`]
