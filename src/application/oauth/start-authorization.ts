import type {
  ClientRequest,
  LinkRequest,
  SignInTransaction,
} from '../../domain/oauth/sign-in-grant.ts'
import type { Result } from '../../domain/shared/result.ts'
import { ok } from '../../domain/shared/result.ts'
import type {
  IdentityProvider,
  ProviderTrouble,
} from '../../ports/driven/oauth/identity-provider.ts'
import type { OneTime } from '../../ports/driven/oauth/one-time.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Departure } from '../../ports/driving/oauth/oauth.ts'

type Needs = {
  readonly transactions: OneTime<SignInTransaction>
  readonly identifiers: Identifiers
  readonly digest: Digest
}

export type Depart = (
  provider: IdentityProvider,
  request: ClientRequest,
  link: LinkRequest | null,
  browser: string | null,
) => Promise<Result<Departure, ProviderTrouble>>

/**
 * Remembers what a browser sets out with, and where to. A browser keeps its mark while it has several sign-ins under
 * way, in two tabs say, so that each may come back.
 */
export const makeDepart =
  ({ transactions, identifiers, digest }: Needs): Depart =>
  async (provider, request, link, mark) => {
    const { redirectUri, state: clientState, codeChallenge } = request
    const browser = mark ?? identifiers.secret()
    const proof = { verifier: identifiers.secret(), nonce: identifiers.secret() }
    const state = await transactions.keep({
      ...{ redirectUri, state: clientState, codeChallenge },
      ...{ ...proof, provider: provider.id, browser: digest(browser), link },
    })
    const location = await provider.authorizationUrl({ ...proof, state })
    return location.ok ? ok({ location: location.value, browser }) : location
  }
