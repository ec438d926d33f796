import type { InferSelectModel, SQL } from 'drizzle-orm'
import { getTableColumns, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/** A row of a statement written by hand, as its driver answers: by column name, values not yet read. */
export type Row = Readonly<Record<string, unknown>>

/** The rows of an answer, whichever driver gave it: one wraps them, the other is them. */
export const rowsOf = <Columns = unknown>(answer: unknown): readonly (Row & Columns)[] =>
  (Array.isArray(answer) ? answer : (answer as { rows: unknown }).rows) as readonly (Row &
    Columns)[]

type Reader = (row: Row) => readonly [name: string, value: unknown]

const readers = new WeakMap<PgTable, readonly Reader[]>()

const readersOf = (table: PgTable): readonly Reader[] =>
  Object.entries(getTableColumns(table)).map(([name, column]) => (row) => {
    const value = row[column.name]
    return [name, value === null ? null : column.mapFromDriverValue(value)]
  })

/** Reads a row through the table's columns, so that each type has one codec for every driver. */
export const readRow = <T extends PgTable>(table: T, row: Row): InferSelectModel<T> => {
  const known = readers.get(table) ?? readersOf(table)
  readers.set(table, known)
  return Object.fromEntries(known.map((read) => read(row))) as InferSelectModel<T>
}

/** The head of a statement that inserts these values for each row of what is named after it, `from …`. */
export const written = (table: PgTable, values: Readonly<Record<string, unknown>>): SQL => {
  const columns = Object.entries(getTableColumns(table))
  const names = columns.map(([, { name }]) => sql.identifier(name))
  const cells = columns.map(
    ([key, column]) =>
      sql`${sql.param(values[key] ?? null, column)}::${sql.raw(column.getSQLType())}`,
  )
  return sql`insert into ${table} (${sql.join(names, sql`, `)}) select ${sql.join(cells, sql`, `)}`
}
