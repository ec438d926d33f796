import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import type { ProviderFailure } from '../../domain/oauth/provider.ts'
import { parseProviderId } from '../../domain/oauth/provider.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { IdentityProvider, RedeemRefusal } from '../../ports/driven/oauth/identity-provider.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Call } from './call.ts'
import { makeCall } from './call.ts'
import { ProviderFault } from './provider-fault.ts'
import type { ProviderKind, ProviderNeeds } from './provider-kind.ts'

type Needs<Address extends string> = ProviderNeeds<Address> & {
  readonly digest: Digest
  readonly log: Log
}

/** After this many outages in a row the circuit breaker opens, and the provider is not asked for ten seconds. */
const OUTAGES_TO_OPEN = 5
const OPEN_MS = 10_000

/** A provider behind a circuit breaker: each operation has 5 s, and is refused at once while the breaker is open. */
export const makeIdentityProvider = <Address extends string>(
  kind: ProviderKind<Address>,
  { digest, log, ...needs }: Needs<Address>,
): IdentityProvider => {
  const id = parseProviderId(kind.id)
  if (id === null) throw new Error(`the id ${kind.id} of a provider is not well-formed`)
  const { clock } = needs
  const opened = kind.open(needs)
  const breaker = circuitBreaker(
    handleWhen((fault) => fault instanceof ProviderFault && fault.isOutage),
    { halfOpenAfter: OPEN_MS, breaker: new ConsecutiveBreaker(OUTAGES_TO_OPEN) },
  )
  let openUntil = 0
  breaker.onBreak(() => {
    openUntil = clock().getTime() + OPEN_MS
    log('warn', 'provider.resting', { provider: id })
  })
  breaker.onReset(() => {
    openUntil = 0
    log('info', 'provider.back', { provider: id })
  })

  const attempt = async <T>(operation: () => Promise<T>): Promise<Result<T, RedeemRefusal>> => {
    try {
      return ok(await operation())
    } catch (fault) {
      if (fault instanceof BrokenCircuitError) return fail({ kind: 'provider-failed' })
      if (!(fault instanceof ProviderFault)) throw fault
      log('warn', 'provider.fault', { provider: id, kind: fault.kind, reason: fault.message })
      return fail(REFUSALS[fault.kind])
    }
  }

  return {
    id,
    name: kind.name,
    issuer: opened.issuer,
    authorizationUrl: async ({ state, nonce, verifier }) => {
      // A browser that is sent away now could not finish its sign-in.
      if (clock().getTime() < openUntil) return fail({ kind: 'provider-failed' })
      const codeChallenge = digest(verifier)
      const call = makeCall(opened.origins)
      // The URL is most often made without a request. So only requests count for the breaker.
      const counted: Call = (url, request) => breaker.execute(() => call(url, request))
      const url = await attempt(() =>
        opened.authorizationUrl({ state, nonce, codeChallenge }, counted),
      )
      return url.ok ? url : fail(failureOf(url.refusal))
    },
    redeem: async (authorization, proof) => {
      const call = makeCall(opened.origins)
      const person = await attempt(() =>
        breaker.execute(() => opened.redeem(authorization, proof, call)),
      )
      return person.ok ? ok({ provider: id, ...person.value }) : person
    },
  }
}

const REFUSALS = {
  failed: { kind: 'provider-failed' },
  refused: { kind: 'provider-failed' },
  timeout: { kind: 'provider-timeout' },
  'invalid-id-token': { kind: 'invalid-id-token' },
  'wrong-issuer': { kind: 'wrong-issuer' },
} as const satisfies Record<ProviderFault['kind'], RedeemRefusal>

const failureOf = ({ kind }: RedeemRefusal): ProviderFailure =>
  kind === 'provider-timeout' ? { kind } : { kind: 'provider-failed' }
