/** The kinds of servers that ALLOW_PLAINTEXT can name. */
export const PLAINTEXT_SERVICES = ['postgres', 'redis', 'nats'] as const
export type PlaintextService = (typeof PLAINTEXT_SERVICES)[number]

/** A setting whose server is reached without TLS through a network. */
export type PlaintextServer = { readonly service: PlaintextService; readonly variable: string }

type Given = {
  readonly databaseUrl: string | null
  readonly migrationDatabaseUrl: string | null
  readonly redisUrl: string | null
  readonly natsUrl: string | null
  readonly natsTls: boolean | null
  readonly allowPlaintext: readonly PlaintextService[] | null
}

/**
 * The servers beyond this machine that are reached without TLS, except those that ALLOW_PLAINTEXT names. Whoever can read or
 * change what passes on that network reads password hashes and writes accounts, rate limits and events.
 */
export const plaintextServersOf = (given: Given): readonly PlaintextServer[] => {
  const allowed = given.allowPlaintext ?? []
  return [
    server('postgres', 'DATABASE_URL', given.databaseUrl, isPlainPostgres),
    server('postgres', 'MIGRATION_DATABASE_URL', given.migrationDatabaseUrl, isPlainPostgres),
    server('redis', 'REDIS_URL', given.redisUrl, ({ protocol }) => protocol === 'redis:'),
    server(
      'nats',
      'NATS_URL',
      given.natsUrl,
      ({ protocol }) => protocol === 'nats:' && given.natsTls !== true,
    ),
  ]
    .flat()
    .filter(({ service }) => !allowed.includes(service))
}

const server = (
  service: PlaintextService,
  variable: string,
  addresses: string | null,
  isPlain: (address: URL) => boolean,
): readonly PlaintextServer[] =>
  (addresses?.split(',') ?? []).some(
    (one) => !isOnThisMachine(new URL(one)) && isPlain(new URL(one)),
  )
    ? [{ service, variable }]
    : []

/** The client encrypts only when it is told to, and `prefer` goes on without when the server, or somebody between, says no. */
const isPlainPostgres = ({ searchParams }: URL): boolean => {
  const mode =
    searchParams.getAll('sslmode').at(-1) || searchParams.getAll('ssl').at(-1) || 'disable'
  return (
    ['disable', 'false', 'prefer'].includes(mode) && searchParams.get('sslrootcert') !== 'system'
  )
}

/** A loopback address, or a Unix socket, which is an escaped path or no host at all. */
const isOnThisMachine = ({ hostname }: URL): boolean =>
  hostname === '' || /^%2f/i.test(hostname) || isLoopback(hostname.replaceAll(/[[\]]/g, ''))

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
