import type { ExternalIdentity } from '../../domain/oauth/external-identity.ts'
import { withParameters } from '../../domain/oauth/redirect-uri.ts'
import type { SignInGrant, SignInTransaction } from '../../domain/oauth/sign-in-grant.ts'
import { codeBinding } from '../../domain/oauth/sign-in-grant.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { CodeStore } from '../../ports/driven/oauth/code-store.ts'
import type {
  IdentityProvider,
  IdentityProviders,
} from '../../ports/driven/oauth/identity-provider.ts'
import type { OAuthMeasurements } from '../../ports/driven/oauth/oauth-measurements.ts'
import type { OneTimeStore } from '../../ports/driven/oauth/one-time-store.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { Identifiers } from '../../ports/driven/shared/identifiers.ts'
import type {
  AuthorizationResponse,
  FinishOAuth,
  FinishOAuthRefusal,
} from '../../ports/driving/oauth/oauth.ts'
import type { ResolveExternalIdentity } from './resolve-external-identity.ts'

type Needs = {
  readonly providers: IdentityProviders
  readonly transactions: OneTimeStore<SignInTransaction>
  readonly codes: CodeStore<SignInGrant>
  readonly resolveExternalIdentity: ResolveExternalIdentity
  readonly identifiers: Identifiers
  readonly digest: Digest
  readonly measurements: OAuthMeasurements
}

type Outcome = Result<{ readonly location: string }, FinishOAuthRefusal>

/** The errors of a provider that a client is told (RFC 6749 §4.1.2.1). Any other becomes `server_error`. */
const ERRORS: readonly string[] = ['access_denied', 'temporarily_unavailable']

/** See `FinishOAuth`. The transaction is taken first, so that everything after it happens once [OA1, OA5]. */
export const makeFinishOAuth = (needs: Needs): FinishOAuth => {
  const { providers, transactions, codes, digest, measurements } = needs
  const grantFor = makeGrantFor(needs)

  const finish = async (
    providerId: string,
    response: AuthorizationResponse,
    browser: string | null,
  ): Promise<Outcome> => {
    const transaction = response.state === null ? null : await transactions.take(response.state)
    const provider = providers.get(providerId)
    if (transaction === null || provider === undefined || transaction.provider !== provider.id)
      return UNKNOWN
    if (browser === null || digest(browser) !== transaction.browser) return UNKNOWN
    const { code, issuer, error } = response
    if (error !== null || code === null)
      return isFrom(provider, issuer)
        ? returnToClient(transaction, { error: publicError(error ?? 'server_error') })
        : refuse(transaction, 'invalid-oauth-state')
    const redeemed = await provider.redeem({ code, issuer }, transaction)
    if (!redeemed.ok) {
      const { kind } = redeemed.refusal
      return refuse(transaction, kind === 'wrong-issuer' ? 'invalid-oauth-state' : kind)
    }
    const grant = await grantFor(transaction, redeemed.value)
    if (grant === null) return returnToClient(transaction, { error: 'link_required' })
    const oneTimeCode = await codes.generateCode(grant, codeBinding(transaction))
    return returnToClient(transaction, { code: oneTimeCode })
  }

  return async (providerId, response, browser) => {
    const outcome = await finish(providerId, response, browser)
    measurements.providerReturn(
      providers.has(providerId) ? providerId : 'unknown',
      outcome.ok ? 'returned' : outcome.refusal.kind,
    )
    return outcome
  }
}

/** A browser that did not begin this sign-in learns nothing of where it would lead. */
const UNKNOWN: Outcome = fail({ kind: 'invalid-oauth-state', returnTo: null })

const refuse = (transaction: SignInTransaction, kind: FinishOAuthRefusal['kind']): Outcome => {
  const isOutage = kind === 'provider-failed' || kind === 'provider-timeout'
  const error = isOutage ? 'temporarily_unavailable' : 'server_error'
  return fail({ kind, returnTo: locationAt(transaction, { error }) })
}

/**
 * Whether a response without a code is from this provider (RFC 9207 §2.4). One that names no issuer counts as from it,
 * because it leads to no more than an error [OA3].
 */
const isFrom = (provider: IdentityProvider, issuer: string | null): boolean =>
  issuer === null || issuer === '' || issuer === provider.issuer

const publicError = (error: string): string =>
  ERRORS.find((known) => known === error.toLowerCase()) ?? 'server_error'

type ClientAnswer = Readonly<Record<string, string>>

const locationAt = ({ redirectUri, state }: SignInTransaction, answer: ClientAnswer): string =>
  withParameters(redirectUri, { ...answer, state })

const returnToClient = (transaction: SignInTransaction, answer: ClientAnswer): Outcome =>
  ok({ location: locationAt(transaction, answer) })

/** What the client's one-time code will stand for; null when the person has to sign in and link the identity first. */
const makeGrantFor =
  ({ resolveExternalIdentity, identifiers }: Needs) =>
  async (
    { link, provider }: SignInTransaction,
    identity: ExternalIdentity,
  ): Promise<SignInGrant | null> => {
    const sessionId = identifiers.sessionId()
    const name = { subject: identity.subject, email: identity.email }
    if (link !== null)
      return {
        kind: 'link',
        sessionId,
        userId: link.userId,
        revocations: link.revocations,
        provider,
        identity: name,
        askedBy: link.sessionId,
      }
    const resolved = await resolveExternalIdentity(identity)
    if (resolved === null) return null
    const { user, revocations, created, joins } = resolved
    return {
      kind: 'sign-in',
      sessionId,
      userId: user.id,
      revocations,
      provider,
      created,
      joins: joins ? { ...name, version: user.version } : null,
    }
  }
