import { Database } from 'bun:sqlite'
import type { Store, UserEvent } from '@auth-service/user-events'

/** What other users see of a user. */
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
  /** The store writes positions in the same transactions as cards. */
  readonly store: Store<Database>
  apply(event: UserEvent): void
  list(): Card[]
  find(id: string): Card | null
  close(): void
}

/** Opens the cards in an SQLite file; `:memory:` keeps them in memory only. */
export const openCards = (path: string): Cards => {
  const database = new Database(path, { create: true, strict: true })
  database.exec(TABLES)
  return {
    store: storeIn(database),
    // Deactivated and deleted users have no card. The store keeps the version that removed the card.
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
  // One connection can have only one transaction at a time.
  let previous: Promise<unknown> = Promise.resolve()
  return {
    transact: (work) => {
      const mine = previous.then(() => inTransaction(database, () => work(database)))
      previous = mine.catch(() => {})
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
