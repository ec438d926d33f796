import { PGlite } from '@electric-sql/pglite'
import postgres from 'postgres'

/** A tagged template that answers rows. Backend and the package's store need nothing else of a client. */
export type Sql = (
  template: TemplateStringsArray,
  ...values: readonly (string | boolean | null)[]
) => Promise<readonly Readonly<Record<string, unknown>>[]>

export type Database = {
  readonly sql: Sql
  transact<T>(work: (tx: Sql) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens PostgreSQL by its URL. Without a URL it opens PGlite, which is PostgreSQL inside this process, in a folder. */
export const openDatabase = async (url: string | undefined, folder: string): Promise<Database> => {
  if (url === undefined) {
    const pglite = await PGlite.create(folder)
    const on = (one: Pick<PGlite, 'sql'>): Sql => {
      return async (template, ...values) =>
        (await one.sql<Record<string, unknown>>(template, ...values)).rows
    }
    return {
      sql: on(pglite),
      transact: (work) => pglite.transaction((tx) => work(on(tx))),
      close: () => pglite.close(),
    }
  }
  const client = postgres(url, { max: 8, onnotice: () => {} })
  const on =
    (one: postgres.ISql): Sql =>
    async (template, ...values) =>
      one(template, ...values)
  return {
    sql: on(client),
    // The client's type of the answer is UnwrapPromiseArray, which differs from T only for arrays. T is never an array here.
    transact: async (work) => (await client.begin((tx) => work(on(tx)))) as never,
    close: () => client.end(),
  }
}
