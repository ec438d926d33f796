import type { SessionId, UserId } from '../../domain/shared/ids.ts'
import type {
  ReadSessionState,
  SessionState,
  SessionStates,
} from '../../ports/driven/sessions/session-states.ts'

export type SessionStateCacheNeeds = {
  readonly read: ReadSessionState
  /** Milliseconds that only ever rise. */
  readonly now?: () => number
  readonly maxAgeMs?: number
  readonly capacity?: number
  /** False while this instance would not hear of a change that another makes: then each question goes to the store. */
  readonly mayKeep?: () => boolean
}

/** One question to the store: when it was asked, by the clock and in the order of all questions and forgets. */
type Query = {
  readonly order: number
  readonly startedAt: number
  readonly answer: Promise<SessionState | null>
}

/**
 * Session states of at most a second ago, counted from the start of the query, since its answer may be as old as that.
 * Callers of one moment share one query; a query that began before a `forget…` is asked again.
 */
export const makeSessionStateCache = (needs: SessionStateCacheNeeds): SessionStates => {
  const { read, now = () => performance.now(), maxAgeMs = 1000, capacity = 10_000 } = needs
  const { mayKeep = () => true } = needs
  const queries = new Map<SessionId, Query>()
  const forgotten = new Map<SessionId | UserId, number>()
  let order = 0
  /** Queries up to this one do not count: set when there are too many forgets to remember each. */
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

  /** Absence and faults are not kept: a session may be there a moment later. */
  const dropUnlessFound = (id: SessionId, query: Query, state: SessionState | null): void => {
    if (state === null && queries.get(id) === query) queries.delete(id)
  }

  const find = async (id: SessionId): Promise<SessionState | null> => {
    const present = queries.get(id)
    const usable =
      present !== undefined && isYoung(present) && mayKeep() && !isForgotten(present, id)
    const query = usable ? present : ask(id)
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

  return { find, forgetUser: forget, forgetSession: forget, forgetEverything }
}
