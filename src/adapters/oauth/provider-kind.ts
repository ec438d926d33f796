import type { ExternalIdentity } from '../../domain/oauth/external-identity.ts'
import type { Brought, Outbound } from '../../ports/driven/oauth/identity-provider.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { Monotonic } from '../../ports/driven/shared/monotonic.ts'
import type { Call } from './call.ts'
import type { Registration } from './code-grant.ts'

/** What a provider is opened with: who we are to it, and its addresses by the names that its settings give them. */
export type ProviderNeeds<Address extends string = string> = {
  readonly registration: Registration
  readonly addresses: Readonly<Record<Address, string>>
  readonly clock: Clock
  readonly monotonic: Monotonic
}

type Person = Omit<ExternalIdentity, 'provider'>

/** What is particular to one provider. Each member throws ProviderFault, and asks only through the call it is given. */
export type OpenedProvider = {
  readonly issuer: string
  /** Where calls may go. */
  readonly origins: ReadonlySet<string>
  authorizationUrl(
    outbound: Pick<Outbound, 'state' | 'nonce'> & { readonly codeChallenge: string },
    call: Call,
  ): Promise<string>
  redeem(brought: Brought, proof: Pick<Outbound, 'nonce' | 'verifier'>, call: Call): Promise<Person>
}

/** One kind of provider: a file in this folder. */
export type ProviderKind<Address extends string = string> = {
  readonly id: string
  /** As people know it. */
  readonly name: string
  open(needs: ProviderNeeds<Address>): OpenedProvider
}
