import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { eq, sql } from 'drizzle-orm'
import { Elysia, t } from 'elysia'
import postgres from 'postgres'
import { serve } from 'srvx/bun'
import { ARGON2_PARAMETERS } from '../../src/adapters/crypto/argon2-parameters.ts'
import { openPostgres } from '../../src/adapters/postgres/driver/open-postgres.ts'
import { sessions, users } from '../../src/adapters/postgres/driver/tables.ts'
import { parseSessionId, parseUserId } from '../../src/domain/shared/ids.ts'
import { postgresAt } from '../../tests/support/servers/addresses.ts'
import { CALLERS, ROUND_MS } from '../load/callers.ts'
import { perSecond } from '../load/per-second.ts'
import { ACCOUNT } from '../load/requests.ts'

// The bare server, with which the service is compared. It uses the same libraries and servers, and does as little as possible
// with them.

const { DATABASE_URL: url = '', MIGRATED_DATABASE_URL: migratedUrl = '' } = process.env
const { db } = openPostgres({ address: postgresAt(url), applicationName: 'bare' })
const client = postgres(url, { max: CALLERS, onnotice: () => {} })

const valid = <T>(id: T | null): T => {
  if (id === null) throw new Error('not a valid id')
  return id
}

/** One user, with a session for each caller, so that callers do not wait for the same row. */
const USER_ID = valid(parseUserId('01999999-9999-7999-8999-999999999901'))
const SESSION_IDS = Array.from({ length: CALLERS }, (_, caller) =>
  valid(parseSessionId(`01999999-9999-7999-8999-99999999991${caller}`)),
)

/** The columns of the service without its triggers, constraints and further indexes, and the rows above. */
const SET_UP = [
  sql`create table if not exists users (
    id uuid primary key, version bigint not null, email text, email_verified boolean not null,
    username text not null, username_canonical text not null, username_skeleton text not null,
    display_name text, avatar text, role text not null, is_active boolean not null,
    created_at timestamptz not null, updated_at timestamptz not null)`,
  sql`create table if not exists sessions (
    id uuid primary key, user_id uuid not null, generation integer not null, salt bytea not null,
    created_at timestamptz not null, last_used_at timestamptz not null, authenticated_at timestamptz not null,
    idle_expires_at timestamptz not null, absolute_expires_at timestamptz not null, ended_at timestamptz,
    rotations timestamptz[] not null default '{}', user_agent text, address_prefix text)`,
  sql`insert into users values (
    ${USER_ID}::uuid, 1, 'reader@bench.example', false, 'reader', 'reader', 'reader', 'Reader', null, 'user', true,
    now(), now())`,
  ...SESSION_IDS.map(
    (id) => sql`insert into sessions values (
      ${id}::uuid, ${USER_ID}::uuid, 1, decode(repeat('ab', 32), 'hex'), now(), now(), now(), now(), now())`,
  ),
]
for (const statement of SET_UP) await db.execute(statement)

const selectUser = async () => {
  const [row] = await client`select * from users where id = ${USER_ID}`
  return row
}

const userById = db
  .select()
  .from(users)
  .where(eq(users.id, sql.placeholder('id')))
  .prepare('user_by_id')

const selectUserPooled = async () => {
  const [row] = await userById.execute({ id: USER_ID })
  return row
}

const updateSession = async (caller: number): Promise<boolean> => {
  const id = SESSION_IDS[caller]
  if (id === undefined) return false
  const rows = await db
    .update(sessions)
    .set({ generation: sql`${sessions.generation} + 1`, lastUsedAt: new Date() })
    .where(eq(sessions.id, id))
    .returning()
  return rows.length === 1
}

/**
 * A change of a user with its event, as one would write it by hand: BEGIN, one statement after the other, COMMIT. The tables
 * are those of the service, with triggers and indexes. Nothing delivers the events.
 */
const makeHandWrittenTransaction = async (): Promise<(caller: number) => Promise<boolean>> => {
  const migrated = postgres(migratedUrl, { max: CALLERS, onnotice: () => {} })
  const ids = await Promise.all(Array.from({ length: CALLERS }, () => insertUser(migrated)))
  const versions = ids.map(() => 1)
  return async (caller) => {
    const id = ids[caller] ?? ''
    const version = (versions[caller] ?? 0) + 1
    versions[caller] = version
    const name = `Name ${version}`
    const event = crypto.randomUUID()
    return migrated.begin(async (tx) => {
      const [route] = await tx`select mode, epoch from sync_mode for share`
      const [user] = await tx`
        update users set version = version + 1, display_name = ${name}, updated_at = clock_timestamp(),
          event_id = ${event}
        where id = ${id} and version = ${version - 1} returning *`
      await recordEvent(tx, { event, user: id, version, action: 'updated' }, route ?? {})
      return user !== undefined
    })
  }
}

const insertUser = async (migrated: postgres.Sql): Promise<string> => {
  const id = crypto.randomUUID()
  const event = crypto.randomUUID()
  await migrated.begin(async (tx) => {
    const [route] = await tx`select mode, epoch from sync_mode for share`
    await tx`
      insert into users (id, version, email, email_verified, username, username_canonical, username_skeleton,
        role, is_active, created_at, updated_at, event_id)
      values (${id}, 1, ${id}, false, ${id}, ${id}, ${id}, 'user', true, now(), now(),
        ${event})`
    await recordEvent(tx, { event, user: id, version: 1, action: 'created' }, route ?? {})
  })
  return id
}

const STATE = {
  email: 'somebody@bench.example',
  emailVerified: false,
  username: 'somebody',
  displayName: 'Somebody',
  avatar: null,
  role: 'user',
  isActive: true,
}

type RecordedEvent = {
  readonly event: string
  readonly user: string
  readonly version: number
  readonly action: string
}

const recordEvent = async (
  tx: postgres.TransactionSql,
  { event, user, version, action }: RecordedEvent,
  { mode, epoch }: postgres.Row,
): Promise<void> => {
  const [recorded] = await tx`
    insert into outbox_events (user_id, version, event_id, shard, action, state, changed, occurred_at, route_mode,
      route_epoch)
    values (${user}, ${version}, ${event}, 1, ${action}, ${tx.json(STATE)}, '{displayName}', clock_timestamp(),
      ${mode}, ${epoch})
    returning day, position`
  await tx`
    insert into outbox_deliveries (user_id, version, channel, event_id, day, shard, position)
    values (${user}, ${version}, 'nats:user.events', ${event}, ${recorded?.['day']}, 1, ${recorded?.['position']})`
}

const { memoryKiB, iterations, parallelism } = ARGON2_PARAMETERS
const hashOptions = { memoryCost: memoryKiB, timeCost: iterations, parallelism }
const storedHash = await hash(ACCOUNT.password, hashOptions)
const handWrittenTransaction = await makeHandWrittenTransaction()

const body = t.Object({ identifier: t.String(), password: t.String() })
const application = new Elysia()
  .get('/ready', () => 'ready')
  .get('/users/one', selectUser)
  .get('/users/one/pooled', selectUserPooled)
  .post(
    '/verify',
    async ({ body: { password } }) => ({ same: await verify(storedHash, password) }),
    { body },
  )
  .post('/hash', async ({ body: { password } }) => ({ hash: await hash(password, hashOptions) }), {
    body,
  })
  .post('/measured/hashes', () =>
    perSecond(() => verify(storedHash, ACCOUNT.password), availableParallelism(), ROUND_MS),
  )
  .post('/measured/updates', () => perSecond(updateSession, CALLERS, ROUND_MS))
  .post('/measured/transactions', () => perSecond(handWrittenTransaction, CALLERS, ROUND_MS))

const server = serve({
  hostname: '127.0.0.1',
  port: Number(process.env['PORT']),
  silent: true,
  gracefulShutdown: false,
  fetch: application.fetch,
})
await server.ready()
