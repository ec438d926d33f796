import { expect, test } from 'bun:test'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'
import {
  misjudgedAddresses,
  misreadPermissions,
} from '../../support/builders/service/plaintext-addresses.ts'
import { natsAt, postgresAt, redisAt } from '../../support/servers/addresses.ts'

type Plaintext = typeof import('../../../src/main/config/plaintext.ts')

/** What the settings judge wrongly with a change in that judgement. */
const misjudged = async (right?: string, wrong?: string) => {
  const { plaintextServersOf, PLAINTEXT_SERVICES } = await plantedFault<Plaintext>(
    'src/main/config/plaintext.ts',
    right,
    wrong,
  )
  const plaintextIn = (environment: Readonly<Record<string, string>>) => {
    const { DATABASE_URL, MIGRATION_DATABASE_URL, REDIS_URL, NATS_URL } = environment
    const allowed = environment['ALLOW_PLAINTEXT']?.split(',').map((name) => name.trim()) ?? []
    return plaintextServersOf({
      databaseUrl: DATABASE_URL === undefined ? null : postgresAt(DATABASE_URL),
      migrationDatabaseUrl:
        MIGRATION_DATABASE_URL === undefined ? null : postgresAt(MIGRATION_DATABASE_URL),
      redisUrl: REDIS_URL === undefined ? null : redisAt(REDIS_URL),
      natsUrl: NATS_URL === undefined ? null : natsAt(NATS_URL),
      natsTls: null,
      allowPlaintext: PLAINTEXT_SERVICES.filter((service) => allowed.includes(service)),
    }).map(({ variable }) => variable)
  }
  return {
    addresses: misjudgedAddresses(plaintextIn),
    permissions: misreadPermissions(plaintextIn),
  }
}

test('the judgement as it is knows each server without TLS, and what is allowed', async () => {
  expect(await misjudged()).toEqual({ addresses: [], permissions: [] })
})

test.each([
  [
    'only the first of several servers',
    '(natsUrl ?? []).some(',
    '(natsUrl ?? []).slice(0, 1).some(',
    'nats://127.0.0.1,nats://nats-2',
  ],
  [
    'a host that begins like this machine as this machine',
    '\\.\\d+$/.test',
    '\\.\\d+/.test',
    'postgres://127.0.0.1.example.com/auth',
  ],
  [
    'no database of the migrations',
    'isPlain: isPlainPostgres(migrationDatabaseUrl)',
    'isPlain: false',
    'postgres://db/auth',
  ],
  ['`prefer` as TLS', "['disable', 'prefer']", "['disable']", 'postgres://db/auth?sslmode=prefer'],
  ['every host as this machine', '!isOnThisMachine(redisUrl)', 'false', 'redis://cache'],
])('a judgement that takes %s is caught', async (_, right, wrong, address) => {
  expect((await misjudged(right, wrong)).addresses).toContain(address)
})

test('a permission for one kind of server that allows all is caught', async () => {
  const { permissions } = await misjudged('!allowed.includes(service)', 'allowed.length === 0')
  expect(permissions).toEqual(['postgres', 'redis', 'nats'])
})
