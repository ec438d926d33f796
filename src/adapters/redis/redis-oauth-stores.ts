import type { TSchema } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type {
  LinkTicket,
  SignInGrant,
  SignInTransaction,
} from '../../domain/oauth/sign-in-grant.ts'
import { LINK_TICKET_SECONDS, TRANSACTION_SECONDS } from '../../domain/oauth/sign-in-grant.ts'
import type { OAuthStores } from '../../ports/driven/oauth/one-time-store.ts'
import type { Redis } from './open-redis.ts'
import { makeRedisCodeStore } from './redis-code-store.ts'
import { makeRedisOneTimeStore } from './redis-one-time-store.ts'

/** The stores of a sign-in through a provider, in Redis. Redis itself removes what has expired. */
export const makeRedisOAuthStores = (redis: Redis): OAuthStores => ({
  transactions: makeRedisOneTimeStore({
    redis,
    purpose: 'transaction',
    lifeSeconds: TRANSACTION_SECONDS,
    read: reader<SignInTransaction>(Transaction),
  }),
  tickets: makeRedisOneTimeStore({
    redis,
    purpose: 'ticket',
    lifeSeconds: LINK_TICKET_SECONDS,
    read: reader<LinkTicket>(Ticket),
  }),
  codes: makeRedisCodeStore({ redis, readGrant: reader<SignInGrant>(Grant) }),
})

// A record may have been written by another release, a few minutes ago. So its shape is checked before it is used.

const text = Type.String()
const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

const Identity = { subject: text, email: nullable(text) }
const revocations = Type.Integer()
const Link = Type.Object({ userId: text, sessionId: text, revocations })
const Request = { redirectUri: text, state: text, codeChallenge: text, provider: text }
const Session = { sessionId: text, userId: text, revocations, provider: text }

const Grant = Type.Union([
  Type.Object({
    ...Session,
    kind: Type.Literal('sign-in'),
    created: Type.Boolean(),
    joins: nullable(Type.Object({ ...Identity, version: Type.Integer() })),
  }),
  Type.Object({
    ...Session,
    kind: Type.Literal('link'),
    identity: Type.Object(Identity),
    askedBy: text,
  }),
])

const Transaction = Type.Object({
  ...Request,
  verifier: text,
  nonce: text,
  browser: text,
  link: nullable(Link),
})

const Ticket = Type.Object({ ...Request, link: Link })

/** Null for another shape. The texts need no parsing: this service has sealed them after its own parsers made them. */
const reader =
  <T>(schema: TSchema) =>
  (json: unknown): T | null =>
    Value.Check(schema, json) ? (json as T) : null
