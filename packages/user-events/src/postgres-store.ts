import type { Position, Store } from './store.ts'

/**
 * Any client of PostgreSQL, by two functions. `query` is handed a template and its values, as a tagged template has
 * them, so that a client with such a tag takes them as they are.
 */
export type PostgresClient<Tx> = {
  /** Commits when `work` resolves, and rolls back and rejects when it rejects. */
  readonly transact: (work: (tx: Tx) => Promise<void>) => Promise<unknown>
  /** Answers rows by the names of their columns. */
  readonly query: (
    tx: Tx,
    template: TemplateStringsArray,
    ...values: readonly string[]
  ) => PromiseLike<Iterable<unknown>>
}

/** Run it once, as one of your migrations. */
export const POSITIONS_TABLE = `create table if not exists user_event_positions (
  consumer text not null,
  user_id text not null,
  version bigint not null,
  event_id text not null,
  primary key (consumer, user_id)
)`

/** Keeps positions in the table `user_event_positions`, in the transactions in which handlers write. */
export const makePostgresStore = <Tx>({ transact, query }: PostgresClient<Tx>): Store<Tx> => {
  const tag =
    (tx: Tx) =>
    async (template: TemplateStringsArray, ...values: readonly string[]) => [
      ...(await query(tx, template, ...values)),
    ]
  return {
    transact: <T>(work: (tx: Tx) => Promise<T>) => resultOf(transact, work),
    // Also a user of whom nothing is known yet must be locked, so there must be a row: of version 0.
    takePosition: async (tx, consumer, userId) => {
      const [row] = await tag(tx)`
        insert into user_event_positions as known (consumer, user_id, version, event_id)
        values (${consumer}::text, ${userId}::text, 0, '')
        on conflict (consumer, user_id) do update set version = known.version
        returning version::text as version, event_id`
      return positionOf(userId, row)
    },
    keepPosition: async (tx, consumer, { userId, version, eventId }) => {
      await tag(tx)`
        update user_event_positions
        set version = ${String(version)}::text::bigint, event_id = ${eventId}::text
        where consumer = ${consumer}::text and user_id = ${userId}::text`
    },
  }
}

// Clients differ in what they make of a result; it does not pass through them.
const resultOf = async <Tx, T>(
  transact: PostgresClient<Tx>['transact'],
  work: (tx: Tx) => Promise<T>,
): Promise<T> => {
  const results: T[] = []
  await transact(async (tx) => {
    results.push(await work(tx))
  })
  return results[results.length - 1] as T
}

const positionOf = (userId: string, row: unknown): Position | null => {
  const { version, event_id: eventId } = Object(row)
  return version === '0' ? null : { userId, version: Number(version), eventId: String(eventId) }
}
