import type { ExternalIdentity } from '../../domain/oauth/external-identity.ts'
import { withAnswer } from '../../domain/oauth/redirect-uri.ts'
import type { SignInGrant, SignInTransaction } from '../../domain/oauth/sign-in-grant.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { CodeStore } from '../../ports/driven/oauth/code-store.ts'
import type {
  IdentityProvider,
  IdentityProviders,
} from '../../ports/driven/oauth/identity-provider.ts'
import type { OneTime } from '../../ports/driven/oauth/one-time.ts'
import type { OAuthMeasurements } from '../../ports/driven/oauth/oauth-measurements.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type { Arrived, FinishOAuth, FinishOAuthRefusal } from '../../ports/driving/oauth/oauth.ts'
import { boundState } from './code-binding.ts'
import type { ReceiveArrival } from './resolve-external-identity.ts'

type Needs = {
  readonly providers: IdentityProviders
  readonly transactions: OneTime<SignInTransaction>
  readonly codes: CodeStore<SignInGrant>
  readonly receiveArrival: ReceiveArrival
  readonly identifiers: Identifiers
  readonly digest: Digest
  readonly measurements: OAuthMeasurements
}

type Outcome = Result<{ readonly location: string }, FinishOAuthRefusal>

/** What a client is told of a provider's error: never the provider's own words (RFC 6749 §4.1.2.1). */
const ERRORS: readonly string[] = ['access_denied', 'temporarily_unavailable']

/** See `FinishOAuth`. The transaction is taken first, so whatever happens next happens once [OA1, OA5]. */
export const makeFinishOAuth = (needs: Needs): FinishOAuth => {
  const { providers, transactions, digest, measurements } = needs
  const grantFor = makeGrantFor(needs)

  const proceed = async (
    name: string,
    arrived: Arrived,
    browser: string | null,
  ): Promise<Outcome> => {
    const transaction = arrived.state === null ? null : await transactions.take(arrived.state)
    const provider = providers.get(name)
    if (transaction === null || provider === undefined || transaction.provider !== provider.id)
      return fail({ kind: 'invalid-oauth-state' })
    if (browser === null || digest(browser) !== transaction.browser)
      return fail({ kind: 'invalid-oauth-state' })
    const { code, issuer, error } = arrived
    if (error !== null || code === null)
      return isFrom(provider, issuer)
        ? refer(transaction, errorOf(error ?? 'server_error'))
        : fail({ kind: 'invalid-oauth-state' })
    const redeemed = await provider.redeem({ code, issuer }, transaction)
    if (!redeemed.ok)
      return fail(
        redeemed.refusal.kind === 'wrong-issuer'
          ? { kind: 'invalid-oauth-state' }
          : redeemed.refusal,
      )
    const grant = await grantFor(transaction, redeemed.value)
    if (grant === null) return refer(transaction, 'link_required')
    const made = await needs.codes.generateCode(grant, boundState(transaction))
    return returnTo(transaction, { code: made })
  }

  return async (name, arrived, browser) => {
    const outcome = await proceed(name, arrived, browser)
    measurements.providerReturn(
      providers.has(name) ? name : 'unknown',
      outcome.ok ? 'returned' : outcome.refusal.kind,
    )
    return outcome
  }
}

/** Whose answer without a code it is (RFC 9207 §2.4). One that names nobody is its own: no more than an error comes of it [OA3]. */
const isFrom = ({ issuer }: IdentityProvider, said: string | null): boolean =>
  said === null || said === '' || said === issuer

const errorOf = (error: string): string =>
  ERRORS.find((known) => known === error.toLowerCase()) ?? 'server_error'

const refer = (transaction: SignInTransaction, error: string): Outcome =>
  returnTo(transaction, { error })

const returnTo = (
  { redirectUri, state }: SignInTransaction,
  answer: Readonly<Record<string, string>>,
): Outcome => ok({ location: withAnswer(redirectUri, { ...answer, state }) })

/** Null for somebody who has to link first. */
const makeGrantFor =
  ({ receiveArrival, identifiers }: Needs) =>
  async (
    { link, provider }: SignInTransaction,
    identity: ExternalIdentity,
  ): Promise<SignInGrant | null> => {
    const sessionId = identifiers.sessionId()
    const name = { subject: identity.subject, email: identity.email }
    if (link !== null)
      return {
        ...{ kind: 'link', sessionId, provider, identity: name },
        ...{ userId: link.userId, askedBy: link.sessionId },
      }
    const received = await receiveArrival(identity)
    if (received === null) return null
    const { user, created, joins } = received
    return {
      ...{ kind: 'sign-in', sessionId, provider, userId: user.id, created },
      joins: joins ? { ...name, version: user.version } : null,
    }
  }
