import { readdir, readFile } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import type { Database, Handle } from './database.ts'
import { attempt } from './faults.ts'
import { rowsOf } from './rows.ts'

// The folder is next to this file in the sources, and next to the bundle in a release.
const FOLDER = new URL('./migrations/', import.meta.url)
const FILE = /^(\d{4})_[a-z0-9_]+\.sql$/
const BREAKPOINT = '--> statement-breakpoint'

type Migration = { readonly version: number; readonly name: string }

/**
 * Migrates the schema to this program's version in one transaction, and creates the first partitions of the ledger.
 * Answers the names of the migrations that it applied. Leaves a newer schema as it is.
 */
export const migrate = ({ db }: Database): Promise<readonly string[]> =>
  attempt(
    db.transaction(async (tx) => {
      // One process migrates at a time. The others find the work done.
      await tx.execute(sql`select pg_advisory_xact_lock(7301001)`)
      // Every writer waits behind a lock that this transaction waits for, so it waits for at most 5 s.
      await tx.execute(sql`set local lock_timeout = '5s'`)
      await tx.execute(sql`create table if not exists schema_migrations (
        version integer primary key, name text not null, applied_at timestamptz not null default now())`)
      const [known, applied] = [await knownMigrations(), await appliedVersion(tx)]
      const pending = known.filter(({ version }) => version > applied)
      for (const migration of pending) await apply(tx, migration)
      if (applied <= newest(known))
        await tx.execute(sql`select make_ledger_partitions((now() at time zone 'UTC')::date)`)
      return pending.map(({ name }) => name)
    }),
  )

/** Compares the schema with this program's version. An empty database is `older`. */
export const schemaState = async ({ db }: Database): Promise<'current' | 'older' | 'newer'> => {
  const [table] = rowsOf<{ present: boolean }>(
    await attempt(db.execute(sql`select to_regclass('schema_migrations') is not null as present`)),
  )
  if (!table?.present) return 'older'
  const difference = (await appliedVersion(db)) - newest(await knownMigrations())
  if (difference === 0) return 'current'
  return difference < 0 ? 'older' : 'newer'
}

const knownMigrations = async (): Promise<Migration[]> =>
  (await readdir(FOLDER))
    .map((file) => ({ name: file, version: Number(FILE.exec(file)?.[1]) }))
    .filter(({ version }) => Number.isInteger(version))
    .toSorted((a, b) => a.version - b.version)

const newest = (migrations: readonly Migration[]): number => migrations.at(-1)?.version ?? 0

const appliedVersion = async (db: Handle): Promise<number> => {
  const answer = await attempt(
    db.execute(sql`select coalesce(max(version), 0) as version from schema_migrations`),
  )
  const [row] = rowsOf<{ version: unknown }>(answer)
  return Number(row?.version)
}

const apply = async (tx: Handle, { name, version }: Migration): Promise<void> => {
  const text = await readFile(new URL(name, FOLDER), 'utf8')
  for (const statement of text.split(BREAKPOINT)) await tx.execute(sql.raw(statement))
  await tx.execute(
    sql`insert into schema_migrations (version, name) values (${version}::integer, ${name}::text)`,
  )
}
