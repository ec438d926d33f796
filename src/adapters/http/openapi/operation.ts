import type { StringOptions, TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import type { ProblemCode } from '../problems/problems.ts'

export type Parameter = {
  readonly in: 'query' | 'header' | 'path'
  readonly name: string
  readonly description: string
  readonly schema: TSchema
  /** A value that works when the request is sent from /docs. */
  readonly example?: string
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

/** The groups of operations, in the order of the document. */
export const TAGS = {
  Accounts: 'Registration, the profile and the password of the signed-in user',
  Sessions: 'Signing in and out, tokens, and the sessions of the signed-in user',
  Providers: 'Sign-in through Google, Facebook and LINE, and linked identities',
  Administration: 'For administrators: events, dead letters and the migration to events',
  Service: 'Health, keys and documents',
} as const

/** What the OpenAPI document says about one route. */
export type Operation = {
  /** The name of the function in generated clients. */
  readonly id: string
  readonly summary: string
  readonly description?: string
  readonly tag: keyof typeof TAGS
  readonly caller?: 'required' | 'optional'
  readonly parameters?: readonly Parameter[]
  /** The schema that the route itself validates with. */
  readonly body?: TSchema
  /** A body that works when the request is sent from /docs, after the requests before it. */
  readonly example?: object
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
export const inPath = (
  name: string,
  description: string,
  { example, ...keywords }: { readonly example?: string } & StringOptions = {},
): Parameter => ({
  in: 'path',
  name,
  description,
  schema: Type.String({ pattern: '^[A-Za-z0-9._~-]+$', ...keywords }),
  ...(example !== undefined && { example }),
})
