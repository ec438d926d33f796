import type { Position, Store } from './store.ts'

/**
 * A client of PostgreSQL, as two functions. `query` gets the parts and the values of a tagged template, so that a client
 * with such a tag can pass them on.
 */
export type PostgresClient<Tx> = {
  /** Commits when `work` resolves. Rolls back and rejects when `work` rejects. */
  readonly transact: (work: (tx: Tx) => Promise<void>) => Promise<unknown>
  /** Answers the rows as objects whose members are named like the columns. */
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
    // A row of version 0 is inserted, because a user without a position has to be locked too.
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

// Clients differ in what they do with the result of a transaction, so the result does not go through them.
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
