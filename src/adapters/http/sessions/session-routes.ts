import { Elysia } from 'elysia'
import { json, noContent, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import type { CrossOrigin } from '../edge/cross-origin.ts'
import { Denied } from '../edge/denied.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson, parseOptionalJson } from '../edge/json-body.ts'
import { readPageQuery } from '../edge/page-query.ts'
import type { UseCases } from '../needs.ts'
import { fieldError, invalidRequest } from '../problems/invalid-fields.ts'
import { problemOf } from '../problems/refusals.ts'
import { ReauthenticateBody, RefreshTokenBody, SignInBody } from '../request-bodies.ts'
import { NO_REFRESH_COOKIE, presentedToken } from './refresh-cookie.ts'
import { sessionPage } from './session-page.ts'
import { signedInAnswer, tokensAnswer } from './token-answers.ts'

type Needs = Pick<
  UseCases,
  | 'signIn'
  | 'refreshSession'
  | 'signOut'
  | 'signOutEverywhere'
  | 'reauthenticate'
  | 'listSessions'
  | 'endSession'
>

/** Signing in and out, and the sessions in between. */
export const sessionRoutes = (
  useCases: Needs,
  clients: Clients,
  guards: Guards,
  crossOrigin: CrossOrigin,
) =>
  new Elysia()
    .use(guards)
    .post(
      '/v1/auth/login',
      async ({ body, request }) => {
        const { identifier, password, refreshTransport = 'body' } = body
        const signedIn = await useCases.signIn(identifier, password, clients.of(request))
        return signedIn.ok
          ? signedInAnswer(200, signedIn.value, refreshTransport)
          : refuse(request, problemOf(signedIn.refusal))
      },
      { parse: parseJson, body: SignInBody },
    )
    .post(
      '/v1/auth/refresh',
      async ({ body, request }) => {
        const presented = presentedToken(request, body.refreshToken, crossOrigin)
        if (!presented.ok) return refuse(request, presented.refusal)
        if (presented.value === null) return refuse(request, NO_REFRESH_TOKEN)
        const { token, transport } = presented.value
        const refreshed = await useCases.refreshSession(token, clients.of(request).addressPrefix)
        return refreshed.ok
          ? tokensAnswer(refreshed.value, transport)
          : refuse(request, problemOf(refreshed.refusal))
      },
      { transform: refuseQuery, parse: parseJson, body: RefreshTokenBody },
    )
    .post(
      '/v1/auth/logout',
      async ({ body, visitor, request }) => {
        const presented = presentedToken(request, body.refreshToken, crossOrigin)
        if (!presented.ok) return refuse(request, presented.refusal)
        await useCases.signOut(presented.value?.token ?? null, visitor)
        return presented.value?.transport === 'cookie'
          ? noContent({ 'set-cookie': NO_REFRESH_COOKIE })
          : noContent()
      },
      { optionallySignedIn: true, parse: parseOptionalJson, body: RefreshTokenBody },
    )
    .post(
      '/v1/auth/logout-all',
      async ({ caller }) => {
        await useCases.signOutEverywhere(caller)
        return noContent()
      },
      { signedIn: true },
    )
    .post(
      '/v1/auth/reauthenticate',
      async ({ caller, body, request }) => {
        const proven = await useCases.reauthenticate(caller, body.password, clients.of(request))
        return proven.ok ? noContent() : refuse(request, problemOf(proven.refusal))
      },
      { signedIn: true, parse: parseJson, body: ReauthenticateBody },
    )
    .get(
      '/v1/users/me/sessions',
      async ({ caller, request }) => {
        const query = readPageQuery(request, 'cursor')
        if (!query.ok) return refuse(request, query.refusal)
        const page = sessionPage(
          await useCases.listSessions(caller),
          caller.session.id,
          query.value,
        )
        return page.ok ? json(200, page.value) : refuse(request, page.refusal)
      },
      { signedIn: true },
    )
    .delete(
      '/v1/users/me/sessions/:id',
      async ({ caller, params, request }) => {
        const ended = await useCases.endSession(caller, params.id)
        return ended.ok ? noContent() : refuse(request, problemOf(ended.refusal))
      },
      { signedIn: true },
    )

const NO_REFRESH_TOKEN = invalidRequest(fieldError('refreshToken', 'required'))

/** A token in an address would end up in logs, so an address with a query is none of ours. */
const refuseQuery = ({ request }: { readonly request: Request }): void => {
  if (request.url.includes('?')) throw new Denied({ code: 'not-found' })
}
