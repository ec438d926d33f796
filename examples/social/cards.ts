import { Database } from 'bun:sqlite'
import type { Store, UserEvent } from '@auth-service/user-events'

/** What others see of somebody. */
export type Card = {
  readonly id: string
  readonly name: string
  readonly avatar: string | null
}

const TABLES = `
pragma journal_mode = wal;
create table if not exists cards (id text primary key, name text not null, avatar text) strict;
create table if not exists positions (
  consumer text, user_id text, version integer not null, event_id text not null,
  primary key (consumer, user_id)
) strict;`

export type Cards = {
  /** Card and position are written together: this is all that a store is. */
  readonly store: Store<Database>
  apply(event: UserEvent<1>): void
  list(): Card[]
  find(id: string): Card | null
  close(): void
}

/** Cards in a file of SQLite; `:memory:` keeps nothing. */
export const openCards = (path: string): Cards => {
  const database = new Database(path, { create: true, strict: true })
  database.exec(TABLES)
  return {
    store: storeIn(database),
    // Deactivated and deleted users have no card; the version that took it away is kept by the store.
    apply: ({ userId, action, data: { isActive, displayName, username, avatar } }) => {
      if (action === 'deleted' || !isActive)
        database.query('delete from cards where id = ?').run(userId)
      else
        database
          .query('insert or replace into cards (id, name, avatar) values (?, ?, ?)')
          .run(userId, displayName ?? username, avatar)
    },
    list: () => database.query<Card, []>('select * from cards order by id').all(),
    find: (id) => database.query<Card, [string]>('select * from cards where id = ?').get(id),
    close: () => database.close(),
  }
}

const storeIn = (database: Database): Store<Database> => {
  // One connection has one transaction at a time.
  let turn: Promise<unknown> = Promise.resolve()
  return {
    transact: (work) => {
      const mine = turn.then(() => inTransaction(database, () => work(database)))
      turn = mine.catch(() => {})
      return mine
    },
    takePosition: async (tx, consumer, userId) => {
      const row = tx
        .query<{ version: number; event_id: string }, [string, string]>(
          'select version, event_id from positions where consumer = ? and user_id = ?',
        )
        .get(consumer, userId)
      return row && { userId, version: row.version, eventId: row.event_id }
    },
    keepPosition: async (tx, consumer, { userId, version, eventId }) => {
      tx.query('insert or replace into positions values (?, ?, ?, ?)').run(
        consumer,
        userId,
        version,
        eventId,
      )
    },
  }
}

const inTransaction = async <T>(database: Database, work: () => Promise<T>): Promise<T> => {
  database.exec('begin immediate')
  try {
    const result = await work()
    database.exec('commit')
    return result
  } catch (fault) {
    database.exec('rollback')
    throw fault
  }
}
