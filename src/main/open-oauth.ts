import { digest } from '../adapters/crypto/macs.ts'
import { makeIdentityProvider } from '../adapters/oauth/identity-provider.ts'
import type { IdentityProviders } from '../ports/driven/oauth/identity-provider.ts'
import type { OAuthStores } from '../ports/driven/oauth/one-time-store.ts'
import type { Clock, Monotonic } from '../ports/driven/shared/clock.ts'
import type { Log } from '../ports/driven/shared/log.ts'
import type { Config } from './config.ts'
import type { OAuthSide } from './oauth-use-cases.ts'

type Needs = { readonly log: Log; readonly clock: Clock; readonly monotonic: Monotonic }
type Settings = Pick<Config, 'providers' | 'redirectUris' | 'publicUrl'>

/** All that signing in through providers stands on. */
export const openOAuth = (
  config: Settings,
  { transactions, tickets, codes }: OAuthStores,
  needs: Needs,
): OAuthSide => ({
  providers: openProviders(config, needs),
  redirectUris: config.redirectUris,
  publicUrl: config.publicUrl,
  transactions,
  tickets,
  codes,
  digest,
})

/** The providers that are configured. None of them is asked anything before somebody signs in. */
const openProviders = ({ providers, publicUrl }: Settings, needs: Needs): IdentityProviders =>
  new Map(
    providers.map(({ kind, clientId, clientSecret, addresses }) => {
      const provider = makeIdentityProvider(kind, {
        ...needs,
        digest,
        addresses,
        registration: {
          clientId,
          clientSecret: clientSecret.reveal(),
          redirectUri: `${publicUrl}/v1/auth/oauth/${kind.id}/callback`,
        },
      })
      return [provider.id, provider]
    }),
  )
