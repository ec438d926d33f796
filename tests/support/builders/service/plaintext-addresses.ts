/** The variables of servers that the settings judge without TLS, for an environment with these addresses. */
type PlaintextIn = (environment: Readonly<Record<string, string>>) => readonly string[]

/** Servers beyond this machine that are reached without TLS, by variable. */
const PLAIN = {
  DATABASE_URL: [
    'postgres://db/auth',
    'postgresql://auth:secret@10.0.0.5:5432/auth',
    'postgres://db/auth?sslmode=disable',
    'postgres://db/auth?sslmode=prefer',
    'postgres://db/auth?ssl=false',
    'postgres://db/auth?sslmode=require&sslmode=disable',
    'postgres://[2001:db8::1]/auth',
    'postgres://127.0.0.1.example.com/auth',
    'postgres://localhost.example.com/auth',
    'postgres://0.0.0.0/auth',
    'postgres://db/auth?sslmode=allow',
    'postgres://127.0.0.1,db/auth',
    'postgres:///auth?host=db',
    'postgres://127.0.0.1/auth?host=db',
  ],
  MIGRATION_DATABASE_URL: ['postgres://db/auth'],
  REDIS_URL: ['redis://cache', 'redis://:127.0.0.1@cache', 'redis://auth:secret@10.0.0.5:6379/0'],
  NATS_URL: [
    'nats://nats:4222',
    'nats://127.0.0.1,nats://nats-2',
    'tls://nats-1,nats://nats-2',
    'nats://127.0.0.1,nats-2',
    'nats://u:127.0.0.1,@nats',
  ],
} as const

/** Servers with TLS, or on this machine. */
const PRIVATE = {
  DATABASE_URL: [
    'postgres://localhost/auth',
    'postgres://127.0.0.2/auth',
    'postgres://[::1]:5432/auth',
    'postgres://%2Fvar%2Frun%2Fpostgresql/auth',
    'postgres://db/auth?sslmode=require',
    'postgres://db/auth?sslmode=verify-full',
    'postgres://db/auth?ssl=true',
    'postgres://db/auth?sslrootcert=system',
    'postgres:///auth?host=/run/postgresql',
    'postgres:///auth',
    'postgres://db/auth?sslmode=verify-ca',
    'postgres://a:,@db/auth?sslmode=require',
  ],
  MIGRATION_DATABASE_URL: ['postgres://db/auth?sslmode=verify-full'],
  REDIS_URL: [
    'redis://localhost:6379',
    'redis://[::1]',
    'rediss://cache',
    'unix:///run/redis.sock',
  ],
  NATS_URL: ['nats://127.0.0.1:4222,nats://localhost', 'tls://nats-1,tls://nats-2'],
} as const

const addressesIn = (table: Readonly<Record<string, readonly string[]>>) =>
  Object.entries(table).flatMap(([variable, addresses]) =>
    addresses.map((address) => ({ variable, address })),
  )

/** The addresses that are judged wrongly, in whatever spelling. */
export const misjudgedAddresses = (plaintextIn: PlaintextIn): readonly string[] => [
  ...addressesIn(PLAIN)
    .filter(({ variable, address }) => plaintextIn({ [variable]: address }).join() !== variable)
    .map(({ address }) => address),
  ...addressesIn(PRIVATE)
    .filter(({ variable, address }) => plaintextIn({ [variable]: address }).length > 0)
    .map(({ address }) => address),
]

const ALL = {
  DATABASE_URL: 'postgres://db/auth',
  MIGRATION_DATABASE_URL: 'postgres://owner@db/auth',
  REDIS_URL: 'redis://cache',
  NATS_URL: 'nats://nats',
}
const DATABASES = ['DATABASE_URL', 'MIGRATION_DATABASE_URL']

/** What ALLOW_PLAINTEXT leaves of four servers without TLS. */
const LEFT = {
  '': [...DATABASES, 'REDIS_URL', 'NATS_URL'],
  postgres: ['REDIS_URL', 'NATS_URL'],
  redis: [...DATABASES, 'NATS_URL'],
  nats: [...DATABASES, 'REDIS_URL'],
  'postgres, redis,nats': [],
} as const

/** The values of ALLOW_PLAINTEXT that allow other servers than those that they name. */
export const misreadPermissions = (plaintextIn: PlaintextIn): readonly string[] =>
  Object.entries(LEFT)
    .filter(([allowed, left]) => {
      const permission = allowed === '' ? {} : { ALLOW_PLAINTEXT: allowed }
      return plaintextIn({ ...ALL, ...permission }).join() !== left.join()
    })
    .map(([allowed]) => allowed)
