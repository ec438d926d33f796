import type { ExternalIdentity } from '../../domain/oauth/external-identity.ts'
import type {
  AuthorizationCode,
  AuthorizationParameters,
} from '../../ports/driven/oauth/identity-provider.ts'
import type { Clock, Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Call } from './call.ts'
import type { ClientRegistration } from './code-grant.ts'

/** What a provider is opened with: our registration there, and its URLs by the names of their settings. */
export type ProviderNeeds<Address extends string = string> = {
  readonly registration: ClientRegistration
  readonly addresses: Readonly<Record<Address, string>>
  readonly clock: Clock
  readonly monotonic: Monotonic
}

type Person = Omit<ExternalIdentity, 'provider'>

/** What is particular to one provider. Each member sends requests through the given call only. @throws ProviderFault */
export type OpenedProvider = {
  readonly issuer: string
  /** The origins that calls may go to. */
  readonly origins: ReadonlySet<string>
  authorizationUrl(
    parameters: Pick<AuthorizationParameters, 'state' | 'nonce'> & {
      readonly codeChallenge: string
    },
    call: Call,
  ): Promise<string>
  redeem(
    authorization: AuthorizationCode,
    proof: Pick<AuthorizationParameters, 'nonce' | 'verifier'>,
    call: Call,
  ): Promise<Person>
}

/** One kind of provider. Each has a file in this folder. */
export type ProviderKind<Address extends string = string> = {
  readonly id: string
  /** The name that people know it by. */
  readonly name: string
  open(needs: ProviderNeeds<Address>): OpenedProvider
}
