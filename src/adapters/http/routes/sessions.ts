import { Elysia } from 'elysia'
import { json, noContent, refuse } from '../answers.ts'
import type { Clients } from '../client.ts'
import { versionTag } from '../entity-tags.ts'
import type { Guards } from '../guards.ts'
import { parseJson, parseOptionalJson } from '../json-body.ts'
import type { UseCases } from '../needs.ts'
import { readPageQuery } from '../page-query.ts'
import { problemOf } from '../refusals.ts'
import { tokensBody, userBody } from '../representations.ts'
import { ReauthenticateBody, RefreshBody, SignInBody, SignOutBody } from '../request-bodies.ts'
import { sessionPage } from '../session-page.ts'

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
export const sessionRoutes = (useCases: Needs, clients: Clients, guards: Guards) =>
  new Elysia()
    .use(guards)
    .post(
      '/v1/auth/login',
      async ({ body, request }) => {
        const { identifier, password } = body
        const signedIn = await useCases.signIn(identifier, password, clients.of(request))
        if (!signedIn.ok) return refuse(request, problemOf(signedIn.refusal))
        const { user, tokens } = signedIn.value
        const headers = { etag: versionTag(user.version) }
        return json(200, { user: userBody(user), tokens: tokensBody(tokens) }, headers)
      },
      { parse: parseJson, body: SignInBody },
    )
    .post(
      '/v1/auth/refresh',
      async ({ body, request }) => {
        const { addressPrefix } = clients.of(request)
        const refreshed = await useCases.refreshSession(body.refreshToken, addressPrefix)
        return refreshed.ok
          ? json(200, tokensBody(refreshed.value))
          : refuse(request, problemOf(refreshed.refusal))
      },
      { parse: parseJson, body: RefreshBody },
    )
    .post(
      '/v1/auth/logout',
      async ({ body, visitor }) => {
        await useCases.signOut(body.refreshToken ?? null, visitor)
        return noContent()
      },
      { optionallySignedIn: true, parse: parseOptionalJson, body: SignOutBody },
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
