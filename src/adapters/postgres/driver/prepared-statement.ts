import { is, Param, Placeholder, SQL } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'

type Query = ReturnType<PgDialect['sqlToQuery']>

/** A value for each placeholder of a statement, or an object of such values. */
type Values = Readonly<Record<string, unknown>>

/** A statement whose text exists already. A driver may send it as it is. */
export class BuiltStatement extends SQL {
  constructor(readonly query: Query) {
    super([])
  }
  override toQuery(): Query {
    return this.query
  }
}

/**
 * A statement whose text is built once, at its first use. Building the text of a long statement on each call costs more
 * processor time than running it.
 *
 * `values` has a value for each `sql.placeholder('name')` in the statement; that of `sql.placeholder('session.id')` is
 * `values.session.id`, or null when it is left out. A placeholder that occurs many times is sent once, so the type to which it is cast first is its type
 * everywhere.
 */
export const prepareStatement = <V extends Values>(build: () => SQL): ((values: V) => SQL) => {
  let built: Built | null = null
  return (values) => {
    built ??= buildStatement(build())
    return new BuiltStatement({
      sql: built.text,
      params: built.parameters.map((valueIn) => valueIn(values)),
    })
  }
}

type ValueIn = (values: Values) => unknown
type Built = { readonly text: string; readonly parameters: readonly ValueIn[] }

const buildStatement = (statement: SQL): Built => {
  const { sql: text, params } = new PgDialect().sqlToQuery(statement)
  const numberOf = new Map<string, number>()
  const parameters: ValueIn[] = []
  const numbers = params.map((param) => {
    const name = is(param, Placeholder) ? param.name : null
    const known = name === null ? undefined : numberOf.get(name)
    if (known !== undefined) return known
    parameters.push(parameterOf(param))
    if (name !== null) numberOf.set(name, parameters.length)
    return parameters.length
  })
  return {
    text: text.replaceAll(/\$(\d+)/g, (_, number) => `$${numbers[Number(number) - 1]}`),
    parameters,
  }
}

const parameterOf = (param: unknown): ValueIn => {
  if (is(param, Placeholder)) return valueNamed(param.name)
  if (!is(param, Param) || !is(param.value, Placeholder)) return () => param
  const { encoder, value } = param
  const valueIn = valueNamed(value.name)
  return (values) => {
    const found = valueIn(values)
    return found === null ? null : encoder.mapToDriverValue(found)
  }
}

const valueNamed = (name: string): ValueIn => {
  const [first = '', member] = name.split('.')
  return (values) => {
    const value = values[first]
    if (value === undefined) throw new Error(`the statement needs a value for ${first}`)
    return member === undefined ? value : ((value as Values)[member] ?? null)
  }
}
