import type { RedirectUris } from '../../domain/oauth/redirect-uri.ts'
import { isRegistered } from '../../domain/oauth/redirect-uri.ts'
import type { LinkTicket } from '../../domain/oauth/sign-in-grant.ts'
import { isRecentlyAuthenticated } from '../../domain/sessions/session.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { IdentityProviders } from '../../ports/driven/oauth/identity-provider.ts'
import type { OneTimeStore } from '../../ports/driven/oauth/one-time-store.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { ContinueLink, StartLink } from '../../ports/driving/oauth/oauth.ts'
import { authorizationBudgets, takeAttempt } from '../limits/take-attempt.ts'
import { lockCaller } from '../shared/lock-caller.ts'
import type { StartAuthorization } from './start-authorization.ts'

// A link begins in two steps. The client asks for it with its access token; then its browser, which has no access token,
// opens the URL with the ticket and is sent on to the provider.

type StartNeeds = {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  readonly tickets: OneTimeStore<LinkTicket>
  readonly transact: Transact
  readonly limiter: Limiter
  /** The URL of this service, without a slash at the end. */
  readonly publicUrl: string
  readonly clock: Clock
}

/** See `StartLink`. */
export const makeStartLink =
  ({
    providers,
    redirectUris,
    tickets,
    transact,
    limiter,
    publicUrl,
    clock,
  }: StartNeeds): StartLink =>
  async (caller, providerId, request, addressPrefix) => {
    const provider = providers.get(providerId)
    if (provider === undefined) return fail({ kind: 'unknown-provider' })
    if (!isRegistered(redirectUris, request.redirectUri))
      return fail({ kind: 'invalid-redirect-uri' })
    if (!isRecentlyAuthenticated(caller.session, clock()))
      return fail({ kind: 'recent-login-required' })
    const attempt = await takeAttempt(limiter, authorizationBudgets(addressPrefix))
    if (!attempt.ok) return attempt
    const locked = await transact((bound) => lockCaller(bound, caller, clock()))
    if (!locked.ok) return locked
    const { revocations } = locked.value
    const ticket = await tickets.keep({
      redirectUri: request.redirectUri,
      state: request.state,
      codeChallenge: request.codeChallenge,
      provider: provider.id,
      link: { userId: caller.id, sessionId: caller.session.id, revocations },
    })
    return ok({ authorizationUrl: `${publicUrl}/v1/auth/oauth/continue/${ticket}` })
  }

type ContinueNeeds = {
  readonly providers: IdentityProviders
  readonly tickets: OneTimeStore<LinkTicket>
  readonly stores: Pick<Stores, 'credentials'>
  readonly startAuthorization: StartAuthorization
}

/** See `ContinueLink`. */
export const makeContinueLink =
  ({ providers, tickets, stores, startAuthorization }: ContinueNeeds): ContinueLink =>
  async (key) => {
    const ticket = await tickets.take(key)
    if (ticket === null) return fail({ kind: 'invalid-oauth-state' })
    const provider = providers.get(ticket.provider)
    if (provider === undefined) return fail({ kind: 'invalid-oauth-state' })
    const { userId, revocations } = ticket.link
    if ((await stores.credentials.revocations(userId)) !== revocations)
      return fail({ kind: 'invalid-oauth-state' })
    return startAuthorization(provider, ticket, ticket.link)
  }
