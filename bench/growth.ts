import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { ROOT } from '../scripts/repository.ts'
import { openPostgres } from '../src/adapters/postgres/driver/open-postgres.ts'
import { makeReadSessionState } from '../src/adapters/postgres/sessions/sessions.ts'
import { makeStores } from '../src/adapters/postgres/stores.ts'
import type { CanonicalUsername, UsernameSkeleton } from '../src/domain/accounts/username.ts'
import type { EventId, SessionId, UserId } from '../src/domain/shared/ids.ts'
import { endEverything, endOnSignals } from '../tests/support/processes/test-run/at-the-end.ts'
import { removeRunFolder } from '../tests/support/processes/test-run/test-run.ts'
import { postgresAt } from '../tests/support/servers/addresses.ts'
import { createMigratedDatabase } from './installation/open-installation.ts'
import { makeServers } from './installation/servers.ts'
import { spreadOf } from './measurement/rounds.ts'
import { readRunConditions } from './report/run-conditions.ts'

// `bun bench/growth.ts [users …]` measures how long the statements of the hot paths take when there are many users. It generates
// users with one session each and runs one statement after the other for random users. It writes bench/growth.md.

const REPEATS = 500
const LIFETIMES = { idleSeconds: 14 * 86_400, absoluteSeconds: 30 * 86_400 }

type Row = {
  readonly users: number
  readonly megabytes: number
  readonly medians: readonly string[]
}

/** The id with this number. `generate` makes the same ids in PostgreSQL. */
const idOf = (prefix: string, number: number): string =>
  `${prefix}-9999-7999-8999-${number.toString(16).padStart(12, '0')}`

/** Generates users with one session each. Triggers are off, so that the ledger stays empty. */
const generate = async (sql: postgres.Sql, users: number): Promise<void> => {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    await tx`
      insert into users (id, version, email, email_verified, username, username_canonical, username_skeleton, role,
        is_active, created_at, updated_at, event_id)
      select ('01999999-9999-7999-8999-' || lpad(to_hex(number), 12, '0'))::uuid, 1, 'user' || number || '@bench.example',
        true, 'user' || number, 'user' || number, 'user' || number, 'user', true, now(), now(), gen_random_uuid()
      from generate_series(1, ${users}::integer) number`
    await tx`
      insert into sessions (id, user_id, generation, salt, created_at, last_used_at, authenticated_at, idle_expires_at,
        absolute_expires_at)
      select ('01999998-9999-7999-8999-' || lpad(to_hex(number), 12, '0'))::uuid,
        ('01999999-9999-7999-8999-' || lpad(to_hex(number), 12, '0'))::uuid, 1, decode(repeat('ab', 32), 'hex'), now(),
        now(), now(), now() + interval '14 days', now() + interval '30 days'
      from generate_series(1, ${users}::integer) number`
  })
  await sql`vacuum analyze users, sessions`
}

const medianMs = async (operation: (number: number) => Promise<unknown>, users: number) => {
  const times: number[] = []
  for (let count = 0; count < REPEATS; count += 1) {
    const number = 1 + Math.floor(Math.random() * users)
    const startedAt = performance.now()
    if ((await operation(number)) === null) throw new Error(`no row was found for user ${number}`)
    times.push(performance.now() - startedAt)
  }
  return `${spreadOf(times).median.toFixed(2)} ms`
}

const measure = async (url: string, users: number): Promise<Row> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await generate(sql, users)
  const database = openPostgres({ address: postgresAt(url), applicationName: 'growth' })
  const needs = {
    channels: ['nats:user.events' as const],
    traceId: () => null,
    onCommitted: () => {},
    monotonic: () => performance.now(),
  }
  const { users: accounts, sessions } = makeStores(database, needs)
  const read = makeReadSessionState(database)
  const userId = (number: number) => idOf('01999999', number) as UserId
  const sessionId = (number: number) => idOf('01999998', number) as SessionId
  const operations: readonly ((number: number) => Promise<unknown>)[] = [
    (number) => read(sessionId(number)),
    (number) =>
      accounts.byIdentifier({ kind: 'username', canonical: `user${number}` as CanonicalUsername }),
    async (number) => {
      const session = await sessions.find(sessionId(number))
      return session && sessions.rotate(session.id, session.generation, LIFETIMES, new Date())
    },
    async (number) => {
      const user = await accounts.find(userId(number))
      if (user === null) return null
      const canonical = `user${number}` as CanonicalUsername
      const skeleton = `user${number}` as UsernameSkeleton
      const announcement = { eventId: crypto.randomUUID() as EventId, traceparent: null }
      const after = { ...user, emailVerified: !user.emailVerified }
      return accounts.update(user, after, ['emailVerified'], { canonical, skeleton }, announcement)
    },
  ]
  const medians: string[] = []
  for (const operation of operations) medians.push(await medianMs(operation, users))
  const [size] = await sql`select pg_database_size(current_database()) / 1000000 as megabytes`
  await database.close()
  await sql.end()
  return { users, megabytes: Number(size?.['megabytes']), medians }
}

const page = (rows: readonly Row[]): string => {
  const { date, commit, machine, loadBefore } = readRunConditions()
  return `# Growth

\`bun bench/growth.ts\` writes this page. It generates users with one session each, and runs each operation for ${REPEATS} random users, one
after the other, through the pool of the service. Each value is a median. Each of the two writes includes the read before it, and
PostgreSQL runs with fsync.

| users | database | session with its user | user by name | read and rotate a session | read and change a user, with the event |
|---|---|---|---|---|---|
${rows.map(({ users, megabytes, medians }) => `| ${users} | ${megabytes} MB | ${medians.join(' | ')} |`).join('\n')}

- ${date}, commit ${commit}
- ${machine}; load before the run ${loadBefore.toFixed(1)}
`
}

endOnSignals(removeRunFolder)
try {
  const servers = makeServers()
  const rows: Row[] = []
  const asked = process.argv.slice(2).map(Number)
  for (const users of asked.length === 0 ? [1000, 1_000_000] : asked) {
    console.error(`generating ${users} users`)
    rows.push(await measure(await createMigratedDatabase(servers, `growth_${users}`), users))
  }
  await writeFile(join(ROOT, 'bench/growth.md'), page(rows))
  console.log(page(rows))
} finally {
  await endEverything()
  removeRunFolder()
}
process.exit(0)
