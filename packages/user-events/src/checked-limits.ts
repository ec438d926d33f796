import type { ConsumerLimits } from './consumer.ts'
import { DEFAULT_LIMITS } from './consumer.ts'

/** The limits with their defaults. Throws a TypeError for those that cannot work. */
export const checkedLimits = (given: Partial<ConsumerLimits>): ConsumerLimits => {
  const limits = { ...DEFAULT_LIMITS, ...given }
  for (const [name, value] of Object.entries(limits))
    if (!(Number.isFinite(value) && value > 0)) throw new TypeError(`${name} is not above zero`)
  for (const name of ['deliveries', 'maxAckPending', 'concurrency'] as const)
    if (!Number.isSafeInteger(limits[name])) throw new TypeError(`${name} is not a whole number`)
  return limits
}
