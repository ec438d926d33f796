import type { RedirectUris } from '../../domain/oauth/redirect-uri.ts'
import { isRegistered } from '../../domain/oauth/redirect-uri.ts'
import type { LinkTicket } from '../../domain/oauth/sign-in-grant.ts'
import { isRecentlyAuthenticated } from '../../domain/sessions/session.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { IdentityProviders } from '../../ports/driven/oauth/identity-provider.ts'
import type { OneTime } from '../../ports/driven/oauth/one-time.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { AskForLink } from '../../ports/driving/oauth/oauth.ts'
import { beginning } from '../limits/attempt-limits.ts'
import { takeAttempt } from '../limits/take-attempt.ts'

type Needs = {
  readonly providers: IdentityProviders
  readonly redirectUris: RedirectUris
  readonly tickets: OneTime<LinkTicket>
  readonly limiter: Limiter
  /** What this service is called by, without a slash at the end. */
  readonly publicUrl: string
  readonly clock: Clock
}

/** See `AskForLink`. The bearer stays with the client; its browser comes back with a ticket only. */
export const makeAskForLink =
  ({ providers, redirectUris, tickets, limiter, publicUrl, clock }: Needs): AskForLink =>
  async (caller, name, request, addressPrefix) => {
    const provider = providers.get(name)
    if (provider === undefined) return fail({ kind: 'unknown-provider' })
    if (!isRegistered(redirectUris, request.redirectUri))
      return fail({ kind: 'invalid-redirect-uri' })
    if (!isRecentlyAuthenticated(caller.session, clock()))
      return fail({ kind: 'recent-login-required' })
    const attempt = await takeAttempt(limiter, beginning(addressPrefix))
    if (!attempt.ok) return attempt
    const { redirectUri, state, codeChallenge } = request
    const link = { userId: caller.id, sessionId: caller.session.id }
    const ticket = await tickets.keep({
      ...{ redirectUri, state, codeChallenge, provider: provider.id, link },
    })
    return ok({ authorizationUrl: `${publicUrl}/v1/auth/oauth/continue/${ticket}` })
  }
