import type { Limiter } from '../../ports/driven/limits/limiter.ts'

/** No limits at all: for tests and development machines, never for production. */
export const makeUnlimited = (): Limiter => ({
  take: () => Promise.resolve({ allowed: true }),
  giveBack: () => Promise.resolve(),
})
