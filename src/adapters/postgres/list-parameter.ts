import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'

/** A list as a subquery of texts. It travels as JSON, because the drivers disagree about arrays as parameters. */
export const elements = (values: readonly (string | number)[]): SQL =>
  sql`select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb)`
