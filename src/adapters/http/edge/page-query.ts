import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { FieldError, Problem } from '../problems/problems.ts'

const PAGE_DEFAULT = '20'
const LIMIT = /^(?:[1-9][0-9]?|100)$/
const MOST_ERRORS = 10

export type PageQuery = {
  readonly limit: number
  /** Null when the parameter was not sent. */
  parameter(name: string): string | null
}

/**
 * Reads the query of a list: `limit`, and the parameters that this list names. Any other is refused, since a filter or
 * an order that is silently ignored shows people what they did not ask for.
 */
export const readPageQuery = (
  request: Request,
  ...names: readonly string[]
): Result<PageQuery, Problem> => {
  const { searchParams } = new URL(request.url)
  const errors = [...new Set(searchParams.keys())].flatMap((name) =>
    errorsOf(name, searchParams.getAll(name), names),
  )
  return errors.length > 0
    ? fail(invalidRequest(...errors.slice(0, MOST_ERRORS)))
    : ok({
        limit: Number(searchParams.get('limit') ?? PAGE_DEFAULT),
        parameter: (name) => searchParams.get(name),
      })
}

const errorsOf = (
  name: string,
  values: readonly string[],
  names: readonly string[],
): readonly FieldError[] => {
  if (name !== 'limit' && !names.includes(name)) return [fieldError('', 'unknown-parameter')]
  if (values.length > 1) return [fieldError(name, 'repeated')]
  return name === 'limit' && !LIMIT.test(values[0] ?? '') ? [fieldError(name, 'out-of-range')] : []
}
