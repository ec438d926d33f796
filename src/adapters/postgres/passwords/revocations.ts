import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Handle } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'

/** Raises an account's number of revocations. Does nothing when the account does not exist. */
export const raiseRevocations = async (db: Handle, user: UserId): Promise<void> => {
  const held = sql`(select id from users where id = ${user}::uuid for key share) as held`
  await attempt(db.execute(raisedFor(held)))
}

/** Raises the number for each user in `held`, which has a column `id`. An account may have no row of credentials yet. */
export const raisedFor = (held: SQL): SQL => sql`
  insert into credentials as credential (user_id, revocations) select id, 1 from ${held}
  on conflict (user_id) do update set revocations = credential.revocations + 1`
