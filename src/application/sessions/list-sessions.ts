import type { Sessions } from '../../ports/driven/sessions/sessions.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { ListSessions } from '../../ports/driving/sessions/sessions.ts'

/** See `ListSessions`. It adds to `Sessions.ofUser` the current instant, and that a caller lists only the own sessions. */
export const makeListSessions =
  (sessions: Sessions, clock: Clock): ListSessions =>
  (caller, page) =>
    sessions.ofUser(caller.id, clock(), page)
