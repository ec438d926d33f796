import type { User } from '../../domain/accounts/user.ts'
import type { SessionId, UserId } from '../../domain/shared/ids.ts'
import type {
  ReadSessionState,
  SessionState,
  SessionStates,
} from '../../ports/driven/sessions/session-states.ts'

export type SessionStateCacheNeeds = {
  readonly read: ReadSessionState
  /** Monotonic milliseconds. */
  readonly now?: () => number
  readonly maxAgeMs?: number
  readonly capacity?: number
  /** False while this instance does not receive the signals of others. Then every question goes to the store. */
  readonly mayKeep?: () => boolean
}

/** One query of the store: when it started, and its place in the order of all queries and `forget…` calls. */
type Query = {
  readonly order: number
  readonly startedAt: number
  answer: Promise<SessionState | null>
}

/**
 * Session states that are at most a second old. The age counts from the start of the query, because its answer may be as old as
 * that. Callers at the same time share one query. A query that started before a `forget…` call is repeated.
 */
export const makeSessionStateCache = (needs: SessionStateCacheNeeds): SessionStates => {
  const { read, now = () => performance.now(), maxAgeMs = 1000, capacity = 10_000 } = needs
  const { mayKeep = () => true } = needs
  const queries = new Map<SessionId, Query>()
  const forgotten = new Map<SessionId | UserId, number>()
  let order = 0
  /** All queries up to this one are out of date. Set when there are too many `forget…` calls to remember each. */
  let forgottenUpTo = 0

  const isForgotten = (query: Query, id: SessionId | UserId): boolean =>
    query.order <= Math.max(forgottenUpTo, forgotten.get(id) ?? 0)

  const isYoung = (query: Query): boolean => now() - query.startedAt < maxAgeMs

  const ask = (id: SessionId): Query => {
    order += 1
    const query = { order, startedAt: now(), answer: read(id) }
    queries.delete(id)
    queries.set(id, query)
    const [oldest] = queries.size > capacity ? queries.keys() : []
    if (oldest !== undefined) queries.delete(oldest)
    return query
  }

  /** Absence and faults are not cached, because a session may be there a moment later. */
  const dropUnlessFound = (id: SessionId, query: Query, state: SessionState | null): void => {
    if (state === null && queries.get(id) === query) queries.delete(id)
  }

  const find = async (id: SessionId): Promise<SessionState | null> => {
    const cached = queries.get(id)
    const usable = cached !== undefined && isYoung(cached) && mayKeep() && !isForgotten(cached, id)
    const query = usable ? cached : ask(id)
    const state = await query.answer.catch((fault: unknown) => {
      dropUnlessFound(id, query, null)
      throw fault
    })
    dropUnlessFound(id, query, state)
    const isStale = isForgotten(query, id) || (state !== null && isForgotten(query, state.user.id))
    if (!isStale) return state
    if (queries.get(id) === query) queries.delete(id)
    return find(id)
  }

  const forgetEverything = (): void => {
    order += 1
    forgotten.clear()
    forgottenUpTo = order
  }

  const forget = (id: SessionId | UserId): void => {
    if (forgotten.size >= capacity) forgetEverything()
    order += 1
    forgotten.set(id, order)
  }

  const updateUser = (id: SessionId, user: User): void => {
    const cached = queries.get(id)
    if (cached === undefined) return
    cached.answer = cached.answer.then((state) =>
      state !== null && state.user.id === user.id && state.user.version < user.version
        ? { ...state, user }
        : state,
    )
    // Who asked the query hears of its fault. This answer may have no reader.
    cached.answer.catch(() => {})
  }

  return { find, updateUser, forgetUser: forget, forgetSession: forget, forgetEverything }
}
