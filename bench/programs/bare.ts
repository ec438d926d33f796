import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { eq, sql } from 'drizzle-orm'
import { Elysia, t } from 'elysia'
import { serve } from 'srvx/bun'
import { ARGON2_PARAMETERS } from '../../src/adapters/crypto/argon2-parameters.ts'
import { openPglite } from '../../src/adapters/postgres/open-pglite.ts'
import { sessions, users } from '../../src/adapters/postgres/tables.ts'
import { ACCOUNT } from '../account.ts'
import { ROW, TABLES } from '../bare-tables.ts'
import { CALLERS, ROUND_MS } from '../callers/call.ts'

// What the service is measured beside: the least that can be done with the same parts.

const { memoryKiB, iterations, parallelism } = ARGON2_PARAMETERS
const options = { memoryCost: memoryKiB, timeCost: iterations, parallelism }
const stored = await hash(ACCOUNT.password, options)

const { db } = await openPglite(process.env['DATA_DIR'] ?? '')
for (const statement of TABLES) await db.execute(statement)

const userById = db
  .select()
  .from(users)
  .where(eq(users.id, sql.placeholder('id')))
  .prepare('user_by_id')

const selectUser = async (id: typeof ROW.id) => {
  const [row] = await db.select().from(users).where(eq(users.id, id))
  return row
}

const selectUserPrepared = async (id: typeof ROW.id) => {
  const [row] = await userById.execute({ id })
  return row
}

const updateSession = async (): Promise<boolean> => {
  const rows = await db
    .update(sessions)
    .set({ generation: sql`${sessions.generation} + 1`, lastUsedAt: new Date() })
    .where(eq(sessions.id, ROW.session))
    .returning()
  return rows.length === 1
}

/** Without HTTP: how often some callers get something done, each waiting before it asks again. */
const perSecond = async (work: () => Promise<boolean>, callers: number): Promise<number> => {
  const began = performance.now()
  const until = began + ROUND_MS
  let count = 0
  const repeat = async () => {
    while (performance.now() < until) {
      if (!(await work())) throw new Error('bare work failed')
      count += 1
    }
  }
  await Promise.all(Array.from({ length: callers }, repeat))
  return count / ((performance.now() - began) / 1000)
}

const application = new Elysia()
  .get('/ready', () => 'ready')
  .get('/users/one', () => selectUser(ROW.id))
  .get('/users/one/prepared', () => selectUserPrepared(ROW.id))
  .post('/verify', async ({ body }) => ({ same: await verify(stored, body.password) }), {
    body: t.Object({ identifier: t.String(), password: t.String() }),
  })
  .post('/measured/hashes', () =>
    perSecond(() => verify(stored, ACCOUNT.password), availableParallelism()),
  )
  .post('/measured/updates', () => perSecond(updateSession, CALLERS))

const server = serve({
  hostname: '127.0.0.1',
  port: Number(process.env['PORT']),
  silent: true,
  fetch: application.fetch,
})
await server.ready()
