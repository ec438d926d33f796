import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel'
import { parseProviderId } from '../../domain/oauth/provider.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type {
  IdentityProvider,
  ProviderTrouble,
  RedeemRefusal,
} from '../../ports/driven/oauth/identity-provider.ts'
import type { Digest } from '../../ports/driven/shared/digest.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { Call } from './call.ts'
import { openCall } from './call.ts'
import { ProviderFault } from './provider-fault.ts'
import type { ProviderKind, ProviderNeeds } from './provider-kind.ts'

type Needs<Address extends string> = ProviderNeeds<Address> & {
  readonly digest: Digest
  readonly log: Log
}

/** So many outages in a row, and the provider is left alone for a while: waiting for it helps nobody. */
const OUTAGES = 5
const REST_MS = 10_000

/** A provider behind its breaker: each operation has 5 s, and answers at once while the provider rests. */
export const makeIdentityProvider = <Address extends string>(
  kind: ProviderKind<Address>,
  { digest, log, ...needs }: Needs<Address>,
): IdentityProvider => {
  const id = parseProviderId(kind.id)
  if (id === null) throw new Error('a kind of provider has no proper id')
  const { clock } = needs
  const opened = kind.open(needs)
  const breaker = circuitBreaker(
    handleWhen((fault) => fault instanceof ProviderFault && fault.isOutage),
    { halfOpenAfter: REST_MS, breaker: new ConsecutiveBreaker(OUTAGES) },
  )
  let restsUntil = 0
  breaker.onBreak(() => {
    restsUntil = clock().getTime() + REST_MS
    log('warn', 'provider.resting', { provider: id })
  })
  breaker.onReset(() => {
    restsUntil = 0
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
    ...{ id, name: kind.name, issuer: opened.issuer },
    authorizationUrl: async ({ state, nonce, verifier }) => {
      // Nobody is sent to where they could not come back from.
      if (clock().getTime() < restsUntil) return fail({ kind: 'provider-failed' })
      const codeChallenge = digest(verifier)
      const call = openCall(opened.origins)
      // Most often there is nothing to ask, and that says nothing about the provider's health.
      const counted: Call = (url, request) => breaker.execute(() => call(url, request))
      const url = await attempt(() =>
        opened.authorizationUrl({ state, nonce, codeChallenge }, counted),
      )
      return url.ok ? url : fail(troubleOf(url.refusal))
    },
    redeem: async (brought, proof) => {
      const call = openCall(opened.origins)
      const person = await attempt(() => breaker.execute(() => opened.redeem(brought, proof, call)))
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

const troubleOf = ({ kind }: RedeemRefusal): ProviderTrouble =>
  kind === 'provider-timeout' ? { kind } : { kind: 'provider-failed' }
