import { fillPlaceholders, SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'

type Query = ReturnType<PgDialect['sqlToQuery']>

/** A statement whose text exists already. */
class BuiltStatement extends SQL {
  constructor(private readonly query: Query) {
    super([])
  }
  override toQuery(): Query {
    return this.query
  }
}

/**
 * A statement whose text is built once, at its first use. Building the text of a long statement on each call costs more
 * processor time than running it. `values` has a value for each `sql.placeholder(name)` in the statement.
 */
export const prepareStatement = <Values extends Readonly<Record<string, unknown>>>(
  build: () => SQL,
): ((values: Values) => SQL) => {
  let query: Query | null = null
  return (values) => {
    query ??= new PgDialect().sqlToQuery(build())
    return new BuiltStatement({ ...query, params: fillPlaceholders(query.params, values) })
  }
}
