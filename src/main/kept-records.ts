import type { TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { LinkTicket, SignInGrant, SignInTransaction } from '../domain/oauth/sign-in-grant.ts'

// What is kept in Redis for minutes may have been written by another release: it is looked at before it is believed.

const text = Type.String()
const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

const Name = { subject: text, email: nullable(text) }
const Link = Type.Object({ userId: text, sessionId: text })
const Request = { redirectUri: text, state: text, codeChallenge: text, provider: text }
const Begun = { sessionId: text, userId: text, provider: text }

const Grant = Type.Union([
  Type.Object({
    ...Begun,
    kind: Type.Literal('sign-in'),
    created: Type.Boolean(),
    joins: nullable(Type.Object({ ...Name, version: Type.Integer() })),
  }),
  Type.Object({
    ...Begun,
    kind: Type.Literal('link'),
    identity: Type.Object(Name),
    askedBy: text,
  }),
])
const Transaction = Type.Object({
  ...{ ...Request, verifier: text, nonce: text, browser: text },
  link: nullable(Link),
})
const Ticket = Type.Object({ ...Request, link: Link })

/** Null for what does not have the shape. Its texts were sealed by us, so they are what their parsers made. */
const reader =
  <T>(schema: TSchema) =>
  (json: unknown): T | null =>
    Value.Check(schema, json) ? (json as T) : null

export const readGrant = reader<SignInGrant>(Grant)
export const readTransaction = reader<SignInTransaction>(Transaction)
export const readTicket = reader<LinkTicket>(Ticket)
