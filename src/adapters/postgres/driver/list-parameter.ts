import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'

/** A list as a subquery of texts. It travels as JSON, because the drivers disagree about arrays as parameters. */
export const elements = (values: readonly (string | number)[]): SQL =>
  sql`select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb)`

export type Element = string | number | boolean | null

/** A list in the text form of arrays, to be cast to the type of one. Smaller than JSON, and quicker to read. */
export const array = (values: readonly Element[]): SQL =>
  sql`${`{${values.map(quoted).join()}}`}::text`

const quoted = (value: Element): string =>
  typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, '\\$&')}"` : String(value)
