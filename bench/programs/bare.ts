import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { eq, sql } from 'drizzle-orm'
import { Elysia, t } from 'elysia'
import postgres from 'postgres'
import { serve } from 'srvx/bun'
import { ARGON2_PARAMETERS } from '../../src/adapters/crypto/argon2-parameters.ts'
import { openPostgres } from '../../src/adapters/postgres/driver/open-postgres.ts'
import { sessions, users } from '../../src/adapters/postgres/driver/tables.ts'
import { ACCOUNT } from '../account.ts'
import { ROW, TABLES } from '../bare-tables.ts'
import { makeBareTransaction } from '../bare-transaction.ts'
import { CALLERS, ROUND_MS } from '../callers/call.ts'

// What the service is measured beside: the least that can be done with the same parts.

const { memoryKiB, iterations, parallelism } = ARGON2_PARAMETERS
const options = { memoryCost: memoryKiB, timeCost: iterations, parallelism }
const stored = await hash(ACCOUNT.password, options)

const { DATABASE_URL: url = '', MIGRATED_DATABASE_URL: migratedUrl = '' } = process.env
const { db } = openPostgres({ url, applicationName: 'bare' })
for (const statement of TABLES) await db.execute(statement)
const client = postgres(url, { max: CALLERS, onnotice: () => {} })

const selectUser = async () => {
  const [row] = await client`select * from users where id = ${ROW.id}`
  return row
}

const userById = db
  .select()
  .from(users)
  .where(eq(users.id, sql.placeholder('id')))
  .prepare('user_by_id')

const selectUserPooled = async () => {
  const [row] = await userById.execute({ id: ROW.id })
  return row
}

const updateSession = async (caller: number): Promise<boolean> => {
  const [id] = ROW.sessions.slice(caller)
  if (id === undefined) return false
  const rows = await db
    .update(sessions)
    .set({ generation: sql`${sessions.generation} + 1`, lastUsedAt: new Date() })
    .where(eq(sessions.id, id))
    .returning()
  return rows.length === 1
}

/** Without HTTP: how often some callers get something done, each waiting before it asks again. */
const perSecond = async (
  work: (caller: number) => Promise<boolean>,
  callers: number,
): Promise<number> => {
  const began = performance.now()
  const until = began + ROUND_MS
  let count = 0
  const repeat = async (caller: number) => {
    while (performance.now() < until) {
      if (!(await work(caller))) throw new Error('bare work failed')
      count += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => repeat(caller)))
  return count / ((performance.now() - began) / 1000)
}

const transaction = await makeBareTransaction(migratedUrl, CALLERS)

const body = t.Object({ identifier: t.String(), password: t.String() })
const application = new Elysia()
  .get('/ready', () => 'ready')
  .get('/users/one', selectUser)
  .get('/users/one/pooled', selectUserPooled)
  .post('/verify', async ({ body: { password } }) => ({ same: await verify(stored, password) }), {
    body,
  })
  .post('/hash', async ({ body: { password } }) => ({ hash: await hash(password, options) }), {
    body,
  })
  .post('/measured/hashes', () =>
    perSecond(() => verify(stored, ACCOUNT.password), availableParallelism()),
  )
  .post('/measured/updates', () => perSecond(updateSession, CALLERS))
  .post('/measured/transactions', () => perSecond(transaction, CALLERS))

const server = serve({
  hostname: '127.0.0.1',
  port: Number(process.env['PORT']),
  silent: true,
  gracefulShutdown: false,
  fetch: application.fetch,
})
await server.ready()
