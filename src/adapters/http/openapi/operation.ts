import type { TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { ProblemCode } from '../problems/problems.ts'

export type Parameter = {
  readonly in: 'query' | 'header' | 'path'
  readonly name: string
  readonly description: string
  readonly schema: TSchema
  /** Path parameters are always required. */
  readonly required?: true
}

export type Answer = {
  readonly description: string
  /** Left out for an answer without a body. */
  readonly schema?: TSchema
  readonly mediaType?: string
  readonly headers?: readonly HeaderName[]
}

export type HeaderName = 'ETag' | 'Set-Cookie' | 'Location'

/** What the OpenAPI document says about one route. */
export type Operation = {
  readonly summary: string
  readonly description?: string
  readonly tag: 'Accounts' | 'Sessions' | 'Providers' | 'Administration' | 'Service'
  readonly caller?: 'required' | 'optional'
  readonly parameters?: readonly Parameter[]
  /** The schema that the route itself validates with. */
  readonly body?: TSchema
  readonly bodyMayBeLeftOut?: true
  readonly answers: Readonly<Record<number, Answer>>
  /** In addition to the problems that every route has, and those that follow from a body or a caller. */
  readonly problems?: readonly ProblemCode[]
  /** An invalid query is answered with 400 here, not with 422. */
  readonly refusesQuery?: true
}

/** The key is method and path template, as in the route table: `GET /v1/users/me`. */
export type Operations = Readonly<Record<string, Operation>>

/** A parameter in the path of a template. */
export const inPath = (name: string, description: string): Parameter => ({
  in: 'path',
  name,
  description,
  schema: Type.String(),
})
