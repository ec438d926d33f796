import type { Limiter, LimitKey } from '../../../../src/ports/driven/limits/limiter.ts'

export type LatePoints = {
  readonly limiter: Limiter
  readonly passSeconds: (seconds: number) => Promise<void> | void
}

const KEY: LimitKey = { budget: 'sign-in-account-prefix', key: 'a' }

const takeAtOnce = async (limiter: Limiter, times: number): Promise<number> => {
  const taken = await Promise.all(Array.from({ length: times }, () => limiter.take([KEY])))
  return taken.filter(({ allowed }) => allowed).length
}

/** How many attempts a window of five points allows when 50 points of the window before are given back at its start. */
export const allowedAfterLatePoints = async ({
  limiter,
  passSeconds,
}: LatePoints): Promise<number> => {
  await takeAtOnce(limiter, 5)
  await passSeconds(901)
  const late = Array.from({ length: 50 }, () => limiter.giveBack([KEY]))
  const allowed = await takeAtOnce(limiter, 50)
  await Promise.all(late)
  return allowed + (await takeAtOnce(limiter, 50))
}
