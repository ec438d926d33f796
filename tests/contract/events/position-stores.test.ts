import { expect, test } from 'bun:test'
import { sql as drizzleSql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import {
  makeMemoryStore,
  makePostgresStore,
  POSITIONS_TABLE,
} from '../../../packages/user-events/src/index.ts'
import { givenPostgresOfEachVersion } from '../../support/servers/postgres/given-postgres.ts'
import { positionStoreContract } from './position-store-contract.ts'

const servers = await givenPostgresOfEachVersion()

positionStoreContract('memory', async () => ({ store: makeMemoryStore(), close: async () => {} }))

const connected = async (url: string) => {
  const sql = postgres(url, { max: 4, onnotice: () => {} })
  await sql.unsafe(POSITIONS_TABLE)
  return { sql, close: () => sql.end() }
}

for (const { url, major } of servers) {
  positionStoreContract(`PostgreSQL ${major}, by postgres`, async () => {
    const { sql, close } = await connected(url)
    const store = makePostgresStore<postgres.TransactionSql>({
      transact: (work) => sql.begin(work),
      query: (tx, template, ...values) => tx(template, ...values),
    })
    return { store, close }
  })

  positionStoreContract(`PostgreSQL ${major}, by Drizzle`, async () => {
    const { sql, close } = await connected(url)
    const db = drizzle(sql)
    const store = makePostgresStore<Pick<typeof db, 'execute'>>({
      transact: (work) => db.transaction(work),
      query: (tx, template, ...values) => tx.execute(drizzleSql(template, ...values)),
    })
    return { store, close }
  })
}

test('a client that runs a transaction again answers with the last result', async () => {
  const results = ['rolled back', 'committed']
  const store = makePostgresStore<null>({
    transact: async (work) => {
      await work(null)
      await work(null)
    },
    query: async () => [],
  })
  expect(await store.transact(async () => results.shift())).toBe('committed')
})
