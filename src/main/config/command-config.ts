import type { SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import type { PostgresAddress } from '../../adapters/postgres/driver/postgres-address.ts'
import type { Channel } from '../../domain/events/user-event.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import { findUnknownNames } from './all-settings.ts'
import type { BackendConfig } from './backend.ts'
import { backendOf } from './backend.ts'
import { syncChannelOf, syncLimitOf } from './migration.ts'
import { origin, word } from './parsers.ts'
import type { Secret } from './secret.ts'
import { makeSecret } from './secret.ts'
import type { Environment, Problem, ReadFile, Setting } from './setting.ts'
import { plain, readSetting, secret } from './setting.ts'
import { SETTINGS } from './settings.ts'

// Some commands need a few settings only, and work where the rest of the configuration is missing.

/** Refused with every problem of the settings that were read; each begins with the name of its variable. */
export type PartReading<T> = Result<T, readonly string[]>

/** Reads some settings, and collects what is wrong with them. */
const readPart = <T>(
  environment: Environment,
  readFile: ReadFile,
  assemble: (read: <S>(setting: Setting<S>) => S | null, problem: Problem) => T,
): PartReading<T> => {
  const problems: string[] = []
  const problem: Problem = (name, complaint) => problems.push(`${name} ${complaint}`)
  const part = assemble((setting) => readSetting(setting, environment, readFile, problem), problem)
  return problems.length > 0 ? fail(problems) : ok(part)
}

/** The address of the database; null where it is embedded. */
export const readDatabaseUrl = (
  environment: Environment,
  readFile: ReadFile,
): PartReading<Secret<PostgresAddress> | null> =>
  readPart(environment, readFile, (read) => {
    const url = read(SETTINGS.databaseUrl)
    return url === null ? null : makeSecret(url)
  })

/** The owner's address of the database: MIGRATION_DATABASE_URL, else DATABASE_URL; null where it is embedded. */
export const readMigrationUrl = (
  environment: Environment,
  readFile: ReadFile,
): PartReading<Secret<PostgresAddress> | null> =>
  readPart(environment, readFile, (read, problem) => {
    const url = read(SETTINGS.migrationDatabaseUrl) ?? read(SETTINGS.databaseUrl)
    findUnknownNames(environment, problem)
    return url === null ? null : makeSecret(url)
  })

/** The signing keys of JWT_KEYS; null where the service keeps its own. */
export const readGivenSigningKeys = (
  environment: Environment,
  readFile: ReadFile,
): PartReading<SigningKeys | null> =>
  readPart(environment, readFile, (read) => read(SETTINGS.jwtKeys))

/** What `auth sync report` needs to know about Backend. */
export type ReportConfig = {
  readonly backend: BackendConfig | null
  readonly sync: { readonly backendChannel: Channel; readonly p95LimitMs: number }
}

export const readReportConfig = (
  environment: Environment,
  readFile: ReadFile,
): PartReading<ReportConfig> =>
  readPart(environment, readFile, (read) => {
    const backend = backendOf({
      backendSyncUrl: read(SETTINGS.backendSyncUrl),
      backendDigestUrl: read(SETTINGS.backendDigestUrl),
      backendSyncSecrets: read(SETTINGS.backendSyncSecrets),
    })
    const backendEventSubject = read(SETTINGS.backendEventSubject)
    const subjects = read(SETTINGS.subjects)
    const syncP95LimitMs = read(SETTINGS.syncP95LimitMs)
    return {
      backend,
      sync: {
        backendChannel: syncChannelOf({ backendEventSubject, subjects }),
        p95LimitMs: syncLimitOf({ syncP95LimitMs }),
      },
    }
  })

/** The Pact Broker that `auth contract verify` reads; the names are those that Pact's own tools use. */
const PACT_BROKER = {
  url: plain('PACT_BROKER_BASE_URL', origin, 'none', 'a Pact Broker'),
  token: secret('PACT_BROKER_TOKEN', word, 'none', 'its bearer token'),
} as const

/** Null where no Pact Broker is configured. */
export const readPactBroker = (
  environment: Environment,
  readFile: ReadFile,
): PartReading<{ readonly url: string; readonly token: string | null } | null> =>
  readPart(environment, readFile, (read) => {
    const url = read(PACT_BROKER.url)
    const token = read(PACT_BROKER.token)
    return url === null ? null : { url, token }
  })
