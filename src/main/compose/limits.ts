import { deriveKey } from '../../adapters/crypto/macs.ts'
import { makeLimiter, makeUnlimitedLimiter } from '../../adapters/limits/limiter.ts'
import type { Limiter } from '../../ports/driven/limits/limiter.ts'
import type { Resources } from './resources/open-resources.ts'
import type { Tokens } from './resources/open-tokens.ts'

export type LimitsNeeds = {
  readonly resources: Pick<Resources, 'config' | 'sharedMemory' | 'measurements'>
  readonly tokens: Pick<Tokens, 'macKeys'>
}

export type LimitsRoom = { readonly limiter: Limiter }

/** The limits on guessing; none at all where RATE_LIMITS is off. */
export const composeLimits = ({ resources, tokens }: LimitsNeeds): LimitsRoom => {
  const { budgets } = resources.config
  if (budgets === null) return { limiter: makeUnlimitedLimiter() }
  const [first] = tokens.macKeys
  if (first === undefined) throw new Error('limits need a key for the names they count by')
  const limiter = makeLimiter({
    budgets,
    macKey: deriveKey(first.secret, 'limits'),
    open: resources.sharedMemory.openBudget,
    onRefused: resources.measurements.limited,
  })
  return { limiter }
}
