import { wakingMilliseconds } from './waking-time.ts'

/**
 * Asks again every 25 ms until `ask` resolves; after `seconds`, not counting those in which the machine stood still, it
 * rejects with the last fault as cause.
 */
export const eventually = async <T>(
  what: string,
  seconds: number,
  ask: () => T | Promise<T>,
): Promise<T> => {
  const deadline = wakingMilliseconds() + seconds * 1000
  for (;;)
    try {
      return await ask()
    } catch (fault) {
      if (wakingMilliseconds() > deadline || fault instanceof Hopeless)
        throw new Error(`${what}: not within ${seconds} s`, { cause: fault })
      await Bun.sleep(25)
    }
}

/** Asking again is of no use. */
export class Hopeless extends Error {}

/** Resolves as soon as it is so, and fails when that takes longer. */
export const until = (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  seconds = 20,
): Promise<void> =>
  eventually(what, seconds, async () => {
    if (!(await isSo())) throw new Error('not yet')
  })
