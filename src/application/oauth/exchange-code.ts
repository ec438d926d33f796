import type { SignInGrant } from '../../domain/oauth/sign-in-grant.ts'
import type { Client } from '../../domain/sessions/session.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { CodeStore } from '../../ports/driven/oauth/code-store.ts'
import type { OAuthMeasurements } from '../../ports/driven/oauth/oauth-measurements.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { ExchangeCode, Exchanged, ExchangeRefusal } from '../../ports/driving/oauth/oauth.ts'
import type { UserContext } from '../../ports/driving/sessions/user-context.ts'
import { takeAttempt } from '../limits/take-attempt.ts'
import { boundState } from './code-binding.ts'
import type { LinkByGrant } from './link-by-grant.ts'
import type { EndReplayed } from './revoke-on-code-replay.ts'
import type { SignInByGrant } from './sign-in-by-grant.ts'

type Needs = {
  readonly codes: CodeStore<SignInGrant>
  readonly limiter: Limiter
  readonly digest: Digest
  readonly signInByGrant: SignInByGrant
  readonly linkByGrant: LinkByGrant
  readonly endReplayed: EndReplayed
  readonly measurements: OAuthMeasurements
}

type Outcome = Promise<Result<Exchanged, ExchangeRefusal>>

/** See `ExchangeCode`. */
export const makeExchangeCode = (needs: Needs): ExchangeCode => {
  const { codes, limiter, digest, signInByGrant, linkByGrant, endReplayed, measurements } = needs

  const redeem = (
    grant: SignInGrant,
    code: string,
    caller: UserContext | null,
    client: Client,
  ): Outcome =>
    grant.kind === 'sign-in'
      ? signInByGrant(grant, digest(code), client)
      : linkByGrant(grant, caller, client)

  return async ({ code, state, codeVerifier, redirectUri }, caller, client) => {
    const budget = [{ budget: 'code-exchange', key: client.addressPrefix }] as const
    const attempt = await takeAttempt(limiter, budget)
    if (!attempt.ok) {
      measurements.codeExchange('limited')
      return attempt
    }
    const codeChallenge = digest(codeVerifier)
    const shown = boundState({ state, redirectUri, codeChallenge })
    const grant = await codes.exchangeCode(code, shown)
    if (grant === null) await endReplayed(code, client)
    const outcome =
      grant === null
        ? fail({ kind: 'invalid-grant' } as const)
        : await redeem(grant, code, caller, client)
    if (outcome.ok) await limiter.giveBack(budget)
    measurements.codeExchange(outcome.ok ? outcome.value.kind : 'refused')
    return outcome.ok ? ok(outcome.value) : outcome
  }
}
