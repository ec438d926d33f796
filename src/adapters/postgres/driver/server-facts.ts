import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { attempt } from './faults.ts'
import { rowsOf } from './rows.ts'

/** The version of a server, and the role that this service has there. */
export type ServerFacts = {
  /** For example `15.18`. */
  readonly version: string
  /** The major version. */
  readonly major: number
  readonly role: string
  /** True when the role may do anything, such as changing the audit trail and the ledger. */
  readonly isSuperuser: boolean
  /** Of the database, for example `UTF8`. */
  readonly encoding: string
  /** Whether the role may use the schema `public`; null when there is no such schema. */
  readonly mayUseSchema: boolean | null
}

type Column = 'version' | 'number' | 'role' | 'super' | 'encoding' | 'usage'

/** @throws Unavailable */
export const readServerFacts = async ({ db }: Database): Promise<ServerFacts> => {
  const [row] = rowsOf<Record<Column, unknown>>(
    await attempt(
      db.execute(sql`select current_setting('server_version') as version,
        current_setting('server_version_num')::integer as number, current_user::text as role,
        current_setting('is_superuser') as super, current_setting('server_encoding') as encoding,
        has_schema_privilege(to_regnamespace('public')::oid, 'usage') as usage`),
    ),
  )
  return {
    version: String(row?.version).split(' ')[0] ?? '',
    major: Math.floor(Number(row?.number) / 10_000),
    role: String(row?.role),
    isSuperuser: row?.super === 'on',
    encoding: String(row?.encoding),
    mayUseSchema: typeof row?.usage === 'boolean' ? row.usage : null,
  }
}
