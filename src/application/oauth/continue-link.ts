import type { LinkTicket } from '../../domain/oauth/sign-in-grant.ts'
import { fail } from '../../domain/shared/result.ts'
import type { IdentityProviders } from '../../ports/driven/oauth/identity-provider.ts'
import type { OneTime } from '../../ports/driven/oauth/one-time.ts'
import type { ContinueLink } from '../../ports/driving/oauth/oauth.ts'
import type { Depart } from './start-authorization.ts'

type Needs = {
  readonly providers: IdentityProviders
  readonly tickets: OneTime<LinkTicket>
  readonly depart: Depart
}

/** See `ContinueLink`. */
export const makeContinueLink =
  ({ providers, tickets, depart }: Needs): ContinueLink =>
  async (key, browser) => {
    const ticket = await tickets.take(key)
    const provider = ticket && providers.get(ticket.provider)
    return ticket && provider
      ? depart(provider, ticket, ticket.link, browser)
      : fail({ kind: 'invalid-oauth-state' })
  }
