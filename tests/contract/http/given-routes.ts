import type { Role } from '../../../src/domain/accounts/role.ts'
import type { Api } from './given-api.ts'
import { bearer, REGISTRATION, SESSION_ID, TOKENS } from './given-api.ts'

/** Routes that anybody may ask. Whoever adds one here has decided that it needs no guard. */
export const PUBLIC_ROUTES: readonly string[] = [
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /.well-known/jwks.json',
  'GET /.well-known/oauth-authorization-server',
  'GET /',
  'GET /problems',
  'GET /problems/:code',
  'GET /schemas/user-events/v1.json',
  'GET /schemas/user-events/v2.json',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/start.js',
  'GET /docs/contrast.css',
  'GET /docs/swagger-ui-bundle.js',
  'GET /docs/swagger-ui.css',
  'GET /v1/auth/password-rules',
  'POST /v1/auth/register',
  'POST /v1/auth/login',
  'POST /v1/auth/refresh',
  'POST /v1/auth/logout',
  'GET /v1/auth/providers',
  'GET /v1/auth/oauth/:provider',
  'GET /v1/auth/oauth/:provider/callback',
  'GET /v1/auth/oauth/continue/:ticket',
  'POST /v1/auth/oauth/exchange',
]

/** A body that each route with one accepts. */
export const BODIES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST /v1/auth/register': REGISTRATION,
  'POST /v1/auth/login': { identifier: 'johndoe', password: 'right' },
  'POST /v1/auth/refresh': { refreshToken: TOKENS.refreshToken },
  'POST /v1/auth/logout': { refreshToken: TOKENS.refreshToken },
  'POST /v1/auth/oauth/exchange': {
    code: 'known',
    state: 'state',
    codeVerifier: 'v'.repeat(43),
    redirectUri: 'https://app.example.com/in',
  },
  'POST /v1/users/me/identities/:provider': {
    redirectUri: 'https://app.example.com/in',
    state: 'state',
    codeChallenge: 'c'.repeat(43),
  },
  'POST /v1/auth/reauthenticate': { password: 'right' },
  'PATCH /v1/users/me': { displayName: 'Jo' },
  'POST /v1/admin/events/replay': { channel: 'nats:user.events' },
  'PUT /v1/admin/sync': { mode: 'dual', reason: 'a test' },
  'POST /v1/admin/dead-letters/redrive': { consumer: 'backend' },
  'POST /v1/admin/dead-letters/dismiss': { consumer: 'backend', ids: ['17'], reason: 'a test' },
  'POST /v1/users/me/password': { currentPassword: 'right', newPassword: 'another long one' },
}

export type RouteName = {
  readonly method: string
  readonly template: string
  readonly name: string
}

export const routesOf = ({ api }: Api): readonly RouteName[] =>
  api.routes.map(({ method, path }) => ({ method, template: path, name: `${method} ${path}` }))

export const routesWithBody = (api: Api): readonly RouteName[] =>
  routesOf(api).filter(({ name }) => name in BODIES)

const PARAMETERS: Readonly<Record<string, string>> = {
  ':id': SESSION_ID,
  ':code': 'not-found',
  ':provider': 'google',
  ':ticket': 'known',
}

/** A query without which a route refuses. */
const QUERIES: Readonly<Record<string, string>> = {
  '/v1/auth/oauth/:provider': new URLSearchParams({
    redirect_uri: 'https://app.example.com/in',
    state: 'state',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  }).toString(),
  '/v1/auth/oauth/:provider/callback': 'code=c&state=known',
}

export const pathOf = ({ template }: RouteName): string => {
  const path = template.replace(/:\w+/g, (name) => PARAMETERS[name] ?? name)
  const query = QUERIES[template]
  return query === undefined ? path : `${path}?${query}`
}

export type Body = NonNullable<RequestInit['body']>

/** Sends to a route as an administrator, at any version, with whatever body and headers are given. */
export const sendTo = (
  api: Api,
  route: RouteName,
  given: {
    readonly body?: Body
    readonly headers?: Record<string, string>
    readonly role?: Role
  },
): Promise<Response> =>
  api.send(pathOf(route), {
    method: route.method,
    headers: { ...bearer(given.role ?? 'admin'), 'if-match': '*', ...given.headers },
    ...(given.body === undefined ? {} : { body: given.body }),
  })

export const JSON_TYPE = { 'content-type': 'application/json' }

/** The code of a problem; fails on any other answer. */
export const problemCode = async (response: Response): Promise<string> => {
  const type = response.headers.get('content-type')
  if (type !== 'application/problem+json')
    throw new Error(`${response.status} is no problem: ${type}`)
  const problem = await response.json()
  if (typeof problem === 'object' && problem !== null && 'code' in problem)
    return String(problem.code)
  throw new Error('the problem has no code')
}
