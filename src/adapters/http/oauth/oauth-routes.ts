import { Elysia } from 'elysia'
import type { Result } from '../../../domain/shared/result.ts'
import type {
  ContinueLinkRefusal,
  Departure,
  Exchanged,
  StartOAuthRefusal,
} from '../../../ports/driving/oauth/oauth.ts'
import { json, redirect, refuse } from '../edge/answers.ts'
import type { Clients } from '../edge/client.ts'
import { versionTag } from '../edge/entity-tags.ts'
import type { Guards } from '../edge/guards.ts'
import { parseJson } from '../edge/json-body.ts'
import type { PublicApiSettings, UseCases } from '../needs.ts'
import { problemOf } from '../problems/refusals.ts'
import { userBody } from '../representations.ts'
import { ExchangeBody } from '../request-bodies.ts'
import { signedInAnswer } from '../sessions/token-answers.ts'
import { makeOAuthCookie } from './oauth-cookie.ts'
import { readArrived, readClientRequest } from './oauth-query.ts'

type Needs = Pick<
  UseCases,
  'listProviders' | 'startOAuth' | 'finishOAuth' | 'continueLink' | 'exchangeCode'
> & { readonly settings: Pick<PublicApiSettings, 'publicUrl'> }

const PREFIX = '/v1/auth/oauth/'

/** Each GET there takes or spends something, so none is answered to a HEAD. */
export const isOAuthPath = (path: string): boolean => path.startsWith(PREFIX)

/** Signing in through a provider: out to it, back from it, and the code for the tokens. */
export const oauthRoutes = (useCases: Needs, clients: Clients, guards: Guards) => {
  const cookie = makeOAuthCookie(useCases.settings.publicUrl)

  const send = (
    request: Request,
    departure: Result<Departure, StartOAuthRefusal | ContinueLinkRefusal>,
  ): Response =>
    departure.ok
      ? redirect(302, departure.value.location, {
          'set-cookie': cookie.write(departure.value.browser),
        })
      : refuse(request, problemOf(departure.refusal))

  return new Elysia()
    .use(guards)
    .get('/v1/auth/providers', () => json(200, { items: useCases.listProviders() }))
    .get(`${PREFIX}:provider`, async ({ params, request }) => {
      const asked = readClientRequest(request)
      if (!asked.ok) return refuse(request, asked.refusal)
      const { addressPrefix } = clients.of(request)
      const browser = cookie.read(request)
      return send(
        request,
        await useCases.startOAuth(params.provider, asked.value, browser, addressPrefix),
      )
    })
    .get(`${PREFIX}continue/:ticket`, async ({ params, request }) =>
      send(request, await useCases.continueLink(params.ticket, cookie.read(request))),
    )
    .get(`${PREFIX}:provider/callback`, async ({ params, request }) => {
      const arrived = readArrived(request)
      const back = await useCases.finishOAuth(params.provider, arrived, cookie.read(request))
      return back.ok ? redirect(303, back.value.location) : refuse(request, problemOf(back.refusal))
    })
    .post(
      `${PREFIX}exchange`,
      async ({ body, visitor, request }) => {
        const { refreshTransport = 'body', ...exchange } = body
        const exchanged = await useCases.exchangeCode(exchange, visitor, clients.of(request))
        return exchanged.ok
          ? exchangedAnswer(exchanged.value, refreshTransport)
          : refuse(request, problemOf(exchanged.refusal))
      },
      { optionallySignedIn: true, parse: parseJson, body: ExchangeBody },
    )
}

const exchangedAnswer = (exchanged: Exchanged, transport: 'body' | 'cookie'): Response => {
  if (exchanged.kind === 'signed-in')
    return signedInAnswer(200, exchanged.signedIn, transport, { created: exchanged.created })
  const { user } = exchanged
  return json(200, { user: userBody(user), linked: true }, { etag: versionTag(user.version) })
}
