import type { StreamReport } from '../../../domain/events/stream-report.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { Result } from '../../../domain/shared/result.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { SchemaState } from '../../../ports/driving/operations/schema.ts'
import type { DirectoryOwner } from './check-data.ts'
import { hasEmbeddedDatabase } from './check-data.ts'
import type { Finding } from './findings.ts'
import { allOf, ill, well } from './findings.ts'
import { describeSchemaState } from './migrate.ts'

/** What a PostgreSQL server says about itself and about the role of this service. */
export type DatabaseFacts = {
  /** For example `15.18`. */
  readonly version: string
  /** The major version. */
  readonly major: number
  readonly role: string
  readonly isSuperuser: boolean
  readonly encoding: string
  /** Null when there is no schema `public`. */
  readonly mayUseSchema: boolean | null
}

/** A PostgreSQL server. Each is refused with the reason why the server cannot be used. */
export type DatabaseProbe = {
  readFacts(): Promise<Result<DatabaseFacts, string>>
  readSchemaState(): Promise<Result<SchemaState, string>>
}

export type ServerNeeds = {
  /** Null where the database is embedded. */
  readonly database: DatabaseProbe | null
  readonly dataDirectory: string
  readonly owner: DirectoryOwner | null
  /** Asks the service on the embedded database, running or composed for this, about its schema. */
  readonly askSchema: () => Promise<CommandOutcome>
  /** Answers the address of a Redis that takes writes, without credentials. Null where none is configured. */
  readonly probeRedis:
    | (() => Promise<Result<string, { readonly server: string; readonly reason: string }>>)
    | null
  /** Reads the streams, changing none; refused when NATS cannot be used. Null where none is configured. */
  readonly readStreams: (() => Promise<Result<readonly StreamReport[], 'unreachable'>>) | null
}

const OLDEST_POSTGRESQL = 15

/** The version of the server, and whether the role has more rights than the service needs. */
export const checkDatabase = async (
  database: DatabaseProbe,
  mode: 'development' | 'test' | 'production',
): Promise<Finding> => {
  const facts = await database.readFacts()
  if (!facts.ok) return unusable(facts.refusal)
  const { version, major, role, isSuperuser, encoding, mayUseSchema } = facts.value
  const detail = `PostgreSQL ${version}, as ${role}`
  if (major < OLDEST_POSTGRESQL) return ill(`${detail}; ${OLDEST_POSTGRESQL} or newer is needed`)
  if (encoding !== 'UTF8') return ill(`${detail}; the encoding is ${encoding}, UTF8 is needed`)
  if (mayUseSchema !== true)
    return ill(`${detail}; the role may not use the schema public, see docs/postgres.md`)
  return isSuperuser && mode === 'production'
    ? ill(`${detail}, a superuser; see docs/postgres.md for a role of the service's own`)
    : well(detail)
}

const unusable = (reason: string): Finding => ill(`the server cannot be used: ${reason}`)

/** The schema: of the server, or of the embedded database as the service sees it. Nothing is migrated. */
export const checkSchema = async (needs: ServerNeeds): Promise<Finding> => {
  if (needs.database !== null) return checkServerSchema(needs.database)
  if (needs.dataDirectory === 'memory:') return well('created by each start')
  if (needs.owner === null && !hasEmbeddedDatabase(needs.dataDirectory))
    return well('created by the first start')
  const { exitCode, lines } = await needs.askSchema()
  return exitCode === EXIT.ok ? well(lines.join(' ')) : ill(lines.join(' '))
}

const checkServerSchema = async (database: DatabaseProbe): Promise<Finding> => {
  const state = await database.readSchemaState()
  if (!state.ok) return unusable(state.refusal)
  const sentence = describeSchemaState(state.value)
  return state.value === 'current' ? well(sentence) : ill(sentence)
}

/** Whether rate limits and one-time codes can be written. */
export const checkRedis = async ({
  probeRedis,
}: Pick<ServerNeeds, 'probeRedis'>): Promise<Finding> => {
  if (probeRedis === null) return well('none: rate limits and one-time codes stay in the process')
  const probed = await probeRedis()
  return probed.ok
    ? well(`${probed.value} takes writes`)
    : ill(`${probed.refusal.server} cannot be used: ${probed.refusal.reason}`)
}

/** Whether the streams can be read and are configured as required. Nothing is created or changed. */
export const checkNats = async ({
  readStreams,
}: Pick<ServerNeeds, 'readStreams'>): Promise<Finding> => {
  if (readStreams === null) return well('none: events stay in the process')
  const reports = await readStreams()
  return reports.ok
    ? allOf(reports.value.map(streamFinding))
    : ill('no server of NATS_URL answers and accepts this user')
}

const streamFinding = ({ name, state, differences, status }: StreamReport): Finding => {
  switch (state) {
    case 'ready':
      return well(
        `${name} on ${status?.replicasCurrent ?? 0} of ${status?.replicasConfigured ?? 0}`,
      )
    case 'missing':
      return ill(`there is no ${name}; bun run auth nats apply creates it`)
    case 'drifted':
      return ill(`${name}: ${differences.join(' ')}`)
    case 'unknown':
      return ill(`${name} cannot be read by this user`)
  }
}
