import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { attempt } from './faults.ts'
import { rowsOf } from './rows.ts'

/** What a server says of itself and of whom it takes us for. */
export type ServerFacts = {
  /** `15.18`, say. */
  readonly version: string
  /** The major version. */
  readonly major: number
  readonly role: string
  /** Whether the role may do anything, audit trail and ledger included. */
  readonly isSuperuser: boolean
}

/** @throws Unavailable */
export const readServerFacts = async ({ db }: Database): Promise<ServerFacts> => {
  const [row] = rowsOf<Record<'version' | 'number' | 'role' | 'super', unknown>>(
    await attempt(
      db.execute(sql`select current_setting('server_version') as version,
        current_setting('server_version_num')::integer as number, current_user::text as role,
        current_setting('is_superuser') as super`),
    ),
  )
  return {
    version: String(row?.version).split(' ')[0] ?? '',
    major: Math.floor(Number(row?.number) / 10_000),
    role: String(row?.role),
    isSuperuser: row?.super === 'on',
  }
}
