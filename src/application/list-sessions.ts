import type { Clock } from '../ports/driven/clock.ts'
import type { Sessions } from '../ports/driven/sessions.ts'
import type { ListSessions } from '../ports/driving/sessions.ts'

/** See `ListSessions`. */
export const makeListSessions =
  (sessions: Sessions, clock: Clock): ListSessions =>
  (caller) =>
    sessions.ofUser(caller.id, clock())
