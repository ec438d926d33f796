import { Buffer } from 'node:buffer'
import type { TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { Parameter } from '../openapi/operation.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import type { FieldError, Problem } from '../problems/problems.ts'

/** The parameter that says how many items an answer may have. */
export const LIMIT: Parameter = {
  in: 'query',
  name: 'limit',
  description: 'The highest number of items in the answer',
  schema: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
}

/** The parameter that says where a list goes on. */
export const cursorNamed = (name: string): Parameter => ({
  in: 'query',
  name,
  description: '`nextCursor` of an earlier answer. Its format is not documented and may change',
  schema: Type.String(),
})

/** The shape of one page of a list. `nextCursor` is null on the last page. */
export const pageOf = <Item extends TSchema>(item: Item) =>
  Type.Object(
    { items: Type.Array(item), nextCursor: Type.Union([Type.String(), Type.Null()]) },
    { additionalProperties: false },
  )

const PAGE_DEFAULT = '20'
const LIMIT_VALUE = /^(?:[1-9][0-9]?|100)$/
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
  const known = ['limit', ...names]
  // Only the known names are looked up: each look-up reads all parameters, and a query can have thousands.
  const errors = [
    ...[...searchParams.keys()]
      .filter((name) => !known.includes(name))
      .map(() => fieldError('', 'unknown-parameter')),
    ...known.flatMap((name) => errorsOf(name, searchParams.getAll(name))),
  ]
  return errors.length > 0
    ? fail(invalidRequest(...errors.slice(0, MOST_ERRORS)))
    : ok({
        limit: Number(searchParams.get('limit') ?? PAGE_DEFAULT),
        parameter: (name) => searchParams.get(name),
      })
}

const errorsOf = (name: string, values: readonly string[]): readonly FieldError[] => {
  const [value] = values
  if (value === undefined) return []
  if (values.length > 1) return [fieldError(name, 'repeated')]
  return name === 'limit' && !LIMIT_VALUE.test(value) ? [fieldError(name, 'out-of-range')] : []
}

/** How the items of one list are ordered, and how a place in that order is written down. */
export type Order<Item, Place> = {
  /** The place of an item; no two items of the list share one. */
  of(item: Item): Place
  /** Negative when the first place comes earlier in the list. */
  compare(one: Place, other: Place): number
  write(place: Place): string
  /** Null for a text that `write` did not make. */
  read(text: string): Place | null
}

type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null }

/** The place that the cursor of a query names; null without one. Refused with `not-readable` when the cursor was not made here. */
export const placeIn = <Place>(
  { parameter }: PageQuery,
  { read }: Pick<Order<never, Place>, 'read'>,
): Result<Place | null, Problem> => {
  const cursor = parameter('cursor')
  if (cursor === null) return ok(null)
  const place = read(Buffer.from(cursor, 'base64url').toString('latin1'))
  return place === null ? fail(invalidRequest(fieldError('cursor', 'not-readable'))) : ok(place)
}

/** One page of a list, from its items in their order: one more than the page may have, when the list goes on. */
export const pageFrom = <Item, Place>(
  items: readonly Item[],
  limit: number,
  { of, write }: Pick<Order<Item, Place>, 'of' | 'write'>,
): Page<Item> => {
  const page = items.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page,
    nextCursor:
      last !== undefined && items.length > page.length
        ? Buffer.from(write(of(last))).toString('base64url')
        : null,
  }
}

/**
 * One page of a list that is short enough to be held whole. The cursor names a place and not an item, so the item that
 * stood there may be gone. Refused with `not-readable` when the cursor was not made here.
 */
export const pageAfter = <Item, Place>(
  all: readonly Item[],
  query: PageQuery,
  order: Order<Item, Place>,
): Result<Page<Item>, Problem> => {
  const place = placeIn(query, order)
  if (!place.ok) return place
  const after = place.value
  const rest = all
    .filter((item) => after === null || order.compare(order.of(item), after) > 0)
    .toSorted((one, other) => order.compare(order.of(one), order.of(other)))
  return ok(pageFrom(rest, query.limit, order))
}
