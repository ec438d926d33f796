import type { PostgresAddress } from '../../adapters/postgres/driver/postgres-address.ts'
import { isSocket } from '../../adapters/postgres/driver/postgres-address.ts'
import type { GivenAddresses } from './addresses.ts'

/** The kinds of servers that ALLOW_PLAINTEXT can name. */
export const PLAINTEXT_SERVICES = ['postgres', 'redis', 'nats'] as const
export type PlaintextService = (typeof PLAINTEXT_SERVICES)[number]

/** A setting whose server is reached without TLS through a network. */
export type PlaintextServer = { readonly service: PlaintextService; readonly variable: string }

type Given = GivenAddresses & {
  readonly natsTls: boolean | null
  readonly allowPlaintext: readonly PlaintextService[] | null
}

/**
 * The servers beyond this machine that are reached without TLS, except those that ALLOW_PLAINTEXT names. Whoever can read or
 * change what passes on that network reads password hashes and writes accounts, rate limits and events.
 */
export const plaintextServersOf = (given: Given): readonly PlaintextServer[] => {
  const allowed = given.allowPlaintext ?? []
  const { databaseUrl, migrationDatabaseUrl, redisUrl, natsUrl } = given
  const servers = [
    { service: 'postgres', variable: 'DATABASE_URL', isPlain: isPlainPostgres(databaseUrl) },
    {
      service: 'postgres',
      variable: 'MIGRATION_DATABASE_URL',
      isPlain: isPlainPostgres(migrationDatabaseUrl),
    },
    {
      service: 'redis',
      variable: 'REDIS_URL',
      isPlain: redisUrl !== null && !redisUrl.tls && !isOnThisMachine(redisUrl),
    },
    {
      service: 'nats',
      variable: 'NATS_URL',
      isPlain:
        given.natsTls !== true &&
        (natsUrl ?? []).some((server) => !server.tls && !isOnThisMachine(server)),
    },
  ] as const
  return servers
    .filter(({ service, isPlain }) => isPlain && !allowed.includes(service))
    .map(({ service, variable }) => ({ service, variable }))
}

/** The client encrypts only when it is told to, and `prefer` goes on without when the server, or somebody between, says no. */
const isPlainPostgres = (address: PostgresAddress | null): boolean =>
  address !== null &&
  ['disable', 'prefer'].includes(address.tls.mode) &&
  address.hosts.some((server) => !isOnThisMachine(server))

const isOnThisMachine = ({ host }: { readonly host: string }): boolean =>
  isSocket(host) || isLoopback(host)

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
