import { eq, sql } from 'drizzle-orm'
import type { SessionId } from '../../../domain/shared/ids.ts'
import type { SessionState } from '../../../ports/driven/sessions/session-states.ts'
import { userOf } from '../accounts/users.ts'
import type { Database } from '../driver/database.ts'
import { attempt } from '../driver/faults.ts'
import { sessions, users } from '../driver/tables.ts'

/** A session with its user as both are stored now, in one indexed query; null when the session is unknown. */
export const readSessionState = ({ db }: Database) => {
  const bySession = db
    .select({ session: sessions, user: users })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(eq(sessions.id, sql.placeholder('id')))
    .prepare('session_state')

  return async (id: SessionId): Promise<SessionState | null> => {
    const [found] = await attempt(bySession.execute({ id }))
    return found === undefined ? null : { session: found.session, user: userOf(found.user) }
  }
}
