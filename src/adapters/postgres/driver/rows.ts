import type { InferSelectModel, SQL } from 'drizzle-orm'
import { getTableColumns, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'

/** A row of a hand-written statement, by column name. The driver's values are not parsed yet. */
export type Row = Readonly<Record<string, unknown>>

/** The rows of an answer of either driver: PGlite answers an object with `rows`, postgres answers the array. */
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

/** Parses a row with the table's columns, so that each column type has one codec for both drivers. */
export const readRow = <T extends PgTable>(table: T, row: Row): InferSelectModel<T> => {
  const known = readers.get(table) ?? readersOf(table)
  readers.set(table, known)
  return Object.fromEntries(known.map((read) => read(row))) as InferSelectModel<T>
}

/**
 * `insert into … select …` with placeholders: the values of a prepared statement have the new row under `name`. The caller
 * appends `from …`: one row is inserted for each row there. `fromRow` has expressions for columns whose values come from those
 * rows.
 */
export const insertSelect = (
  table: PgTable,
  name: string,
  fromRow: Readonly<Record<string, SQL>> = {},
): SQL => {
  const columns = Object.entries(getTableColumns(table))
  const names = columns.map(([, column]) => sql.identifier(column.name))
  const cells = columns.map(
    ([key, column]) =>
      fromRow[key] ??
      sql`${sql.param(sql.placeholder(`${name}.${key}`), column)}::${sql.raw(column.getSQLType())}`,
  )
  return sql`insert into ${table} (${sql.join(names, sql`, `)}) select ${sql.join(cells, sql`, `)}`
}

/** A list as a subquery of texts. The parameter is JSON, because the drivers disagree about arrays as parameters. */
export const elements = (values: readonly (string | number)[]): SQL =>
  sql`select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb)`

export type Element = string | number | boolean | null

/** A list in PostgreSQL's text form of arrays. */
export const arrayText = (values: readonly Element[]): string => `{${values.map(quoted).join()}}`

/** The same as a parameter. The caller casts it to an array type. Smaller and faster than JSON. */
export const array = (values: readonly Element[]): SQL => sql`${arrayText(values)}::text`

/** An instant as a parameter. It travels as text, which both drivers write alike. */
export const instant = (at: Date): SQL => sql`${at.toISOString()}::text::timestamptz`

/** The same for a placeholder. Its value is what `toISOString` answers. */
export const namedInstant = (name: string): SQL => sql`${sql.placeholder(name)}::text::timestamptz`

const quoted = (value: Element): string =>
  typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : String(value)
