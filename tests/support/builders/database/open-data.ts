import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

/** What a service left in its database. It must have ended: the database takes one owner. */
export const openData = (dataDirectory: string): Promise<PGlite> =>
  PGlite.create(join(dataDirectory, 'database'))

/** Every row of every table, as text, by table. */
export const dumpOf = async (database: PGlite): Promise<Readonly<Record<string, string>>> => {
  const { rows: tables } = await database.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name
     from information_schema.tables
     where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`,
  )
  const dumps = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await database.query<{ row: string }>(
        `select to_jsonb(t)::text as row from ${name} as t`,
      )
      return [name.replace('public.', ''), rows.map(({ row }) => row).join('\n')] as const
    }),
  )
  return Object.fromEntries(dumps)
}
