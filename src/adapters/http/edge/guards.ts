import { Elysia } from 'elysia'
import type { Role } from '../../../domain/accounts/role.ts'
import { isAtLeast } from '../../../domain/accounts/role.ts'
import type { Authenticate, UserContext } from '../../../ports/driving/sessions/sessions.ts'
import type { Problem } from '../problems/problems.ts'
import { INVALID_TOKEN } from '../problems/problems.ts'
import { Denied } from './answers.ts'
import { exchangeOf } from './exchange.ts'

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i
/** Longer ones are refused before anything is computed about them. */
const AUTHORIZATION_MAXIMUM = 8192

const NO_TOKEN: Problem = { code: 'unauthenticated', headers: { 'www-authenticate': 'Bearer' } }

/** The 401 for a user who was deleted after the guard had let the request in. */
export const GONE: Problem = INVALID_TOKEN

type Context = { readonly request: Request }

/**
 * Macros that check the caller of a route. `signedIn`, `requireRole` and `adminOnly` give the route a `caller`.
 * `optionallySignedIn` gives a caller or null. The macros run before the body is read. The route gets only a caller that a
 * macro has stored, so a branch that stores none denies the request.
 */
export const makeGuards = (authenticate: Authenticate) => {
  const identify = makeIdentify(authenticate)

  const demand = (role: Role) => ({
    transform: async ({ request }: Context) => {
      const who = await identify(request)
      if (!who.ok) throw new Denied(who.problem)
      if (!isAtLeast(who.caller.role, role)) throw new Denied({ code: 'forbidden' })
      exchangeOf(request).caller = who.caller
    },
    resolve: ({ request }: Context) => ({ caller: callerOf(request) }),
  })

  return new Elysia({ name: 'guards' }).macro({
    signedIn: demand('user'),
    adminOnly: demand('admin'),
    requireRole: demand,
    optionallySignedIn: {
      transform: async ({ request }: Context) => {
        const who = await identify(request)
        if (who.ok) exchangeOf(request).caller = who.caller
      },
      resolve: ({ request }: Context) => ({ visitor: exchangeOf(request).caller }),
    },
  })
}

export type Guards = ReturnType<typeof makeGuards>

const callerOf = (request: Request): UserContext => {
  const { caller } = exchangeOf(request)
  if (caller === null) throw new Error('no guard has let a caller in')
  return caller
}

type Identified =
  | { readonly ok: true; readonly caller: UserContext }
  | { readonly ok: false; readonly problem: Problem }

const makeIdentify =
  (authenticate: Authenticate) =>
  async (request: Request): Promise<Identified> => {
    const header = request.headers.get('authorization')
    if (header === null || !/^Bearer(?: |$)/i.test(header)) return { ok: false, problem: NO_TOKEN }
    const token = header.length > AUTHORIZATION_MAXIMUM ? undefined : BEARER.exec(header)?.[1]
    const caller = token === undefined ? null : await authenticate(token)
    return caller === null ? { ok: false, problem: INVALID_TOKEN } : { ok: true, caller }
  }
