import { afterAll, describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { getTableColumns, is, sql } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import { migrate, schemaState } from '../../../../src/adapters/postgres/driver/migrate.ts'
import { openPglite } from '../../../../src/adapters/postgres/driver/open-pglite.ts'
import { rowsOf } from '../../../../src/adapters/postgres/driver/rows.ts'
import * as tables from '../../../../src/adapters/postgres/driver/tables.ts'
import { storedUser, updatedUser } from '../../../support/builders/accounts/stored-users.ts'
import { givenDatabase } from '../../../support/builders/database/given-database.ts'
import { givenStores } from '../../../support/builders/database/given-stores.ts'

const FILES = join(import.meta.dir, '../../../../src/adapters/postgres/driver/migrations')

const empty = await openPglite('memory:')
const migrated = await givenDatabase()
afterAll(() => Promise.all([empty.close(), migrated.close()]))

const recordVersion = (version: number) =>
  migrated.db.execute(
    sql`insert into schema_migrations (version, name) values (${version}::integer, 'later.sql')`,
  )

describe('migrations', () => {
  test('bring an empty database, which is `older`, to `current`', async () => {
    expect(await schemaState(empty)).toBe('older')
    const applied = await migrate(empty)
    expect(applied[0]).toBe('0001_accounts.sql')
    expect(applied).toEqual([...applied].toSorted())
    expect(await schemaState(empty)).toBe('current')
    expect((await storedUser(givenStores(empty))).version).toBe(1)
  })

  test('are applied once, however many run at the same time', async () => {
    const runs = await Promise.all([migrate(migrated), migrate(migrated), migrate(migrated)])
    expect(runs).toEqual([[], [], []])
    expect(await schemaState(migrated)).toBe('current')
  })

  test('that are missing make a schema `older`, and only those are applied', async () => {
    const earlier = await openPglite('memory:')
    const files = (await readdir(FILES)).toSorted()
    const last = files.pop() ?? ''
    await earlier.db.execute(sql`create table schema_migrations (
      version integer primary key, name text not null, applied_at timestamptz not null default now())`)
    for (const file of files) {
      const text = await Bun.file(join(FILES, file)).text()
      for (const statement of text.split('--> statement-breakpoint'))
        await earlier.db.execute(sql.raw(statement))
      await earlier.db.execute(
        sql`insert into schema_migrations values (${Number(file.slice(0, 4))}::integer, ${file}::text)`,
      )
    }
    expect(await schemaState(earlier)).toBe('older')
    expect(await migrate(earlier)).toEqual([last])
    expect(await schemaState(earlier)).toBe('current')
    await earlier.close()
  }, 60_000)

  test('give existing users the id of the event that announced their version', async () => {
    const subject = givenStores(empty)
    const user = await updatedUser(subject, await storedUser(subject), { isActive: false })
    for (const statement of [
      sql`alter table users drop column event_id`,
      sql`drop index outbox_deliveries_parked`,
      sql`drop table leg_windows, event_consumers`,
      sql`drop index outbox_acks_discarded, outbox_acks_latest`,
      sql`alter table outbox_acks drop column replayed`,
      sql`delete from schema_migrations where version >= 15`,
    ])
      await empty.db.execute(statement)
    await migrate(empty)
    const page = await subject.ledger.read({ after: null, userId: user.id, limit: 2 })
    const [row] = rowsOf<{ event_id: string }>(
      await empty.db.execute(sql`select event_id from users where id = ${user.id}::uuid`),
    )
    expect(row?.event_id).toBe(String(page?.entries[1]?.event.eventId))
  })

  test('that fail are rolled back completely', async () => {
    await empty.db.execute(sql`delete from schema_migrations where version >= 4`)
    const before = rowsOf(await empty.db.execute(sql`select * from schema_migrations`))
    expect(await migrate(empty).catch((fault: Error) => fault.message)).toContain('refused')
    const after = rowsOf(await empty.db.execute(sql`select * from schema_migrations`))
    expect([...after]).toEqual([...before])
    expect(await schemaState(empty)).toBe('older')
  })

  test('leave a newer schema as it is, and answer `newer`', async () => {
    await recordVersion(9999)
    expect(await schemaState(migrated)).toBe('newer')
    expect(await migrate(migrated)).toEqual([])
    expect(await schemaState(migrated)).toBe('newer')
  })
})

describe('the columns that statements are built from', () => {
  const all = Object.values(tables).filter((table) => is(table, PgTable))

  test('are those of the schema, by name, type and nullability', async () => {
    expect(all.length).toBeGreaterThan(6)
    for (const table of all) {
      const rows = rowsOf<{ name: string; type: string; required: boolean }>(
        await migrated.db.execute(sql`
          select attname as name, format_type(atttypid, null) as type, attnotnull as required
          from pg_attribute where attrelid = ${getTableConfig(table).name}::text::regclass and attnum > 0`),
      )
      const stored = new Map(rows.map(({ name, type, required }) => [name, { type, required }]))
      for (const column of Object.values(getTableColumns(table)))
        expect({ column: column.name, ...stored.get(column.name) }).toEqual({
          column: column.name,
          type: column.getSQLType(),
          required: column.notNull,
        })
    }
  })
})
