import type { Argon2Parameters } from './argon2-parameters.ts'

export type Cost = Pick<Argon2Parameters, 'memoryKiB' | 'iterations'>

export type TimingEqualizer = {
  /** The extra hash to compute after a cheaper one; null when the hash was not cheaper. */
  extraHash(cheap: Cost): Cost | null
  /** Records how long a comparison with a hash of the current parameters took. */
  comparisonTook(milliseconds: number): void
  /** Records how long a comparison with a cheaper hash took, its extra hash included. */
  equalizedTook(cheap: Cost, milliseconds: number): void
}

// Measured from 1 to 24 passes. With 2 passes a busy neighbour on the machine slows the extra hash as much as a real one.
// More passes over less memory stay in the processor's cache, and the cheaper hash would then be the faster one.
const PASSES = 2
/** How much the memory changes after each use. */
const STEP_KIB = 64
/** The minimum of argon2 with one lane. */
const MINIMUM_KIB = 8
/** The first guess is this share of the missing work, because starting a second hash costs time too. */
const FIRST_SHARE = 0.6
const KEPT_COMPARISONS = 64

/**
 * Makes a comparison with a cheaper hash take as long as one with a hash of the current parameters. How much memory
 * that needs depends on the machine and its load. So each use is compared with a recent comparison, and moves the
 * memory by one step, until each of the two takes longer in half of the cases. Then nobody can tell them apart.
 */
export const makeTimingEqualizer = (current: Cost): TimingEqualizer => {
  const memory = new Map<string, number>()
  const comparisons: number[] = []
  let compared = 0
  let uses = 0

  const memoryFor = (cheap: Cost): number =>
    memory.get(keyOf(cheap)) ?? ((workOf(current) - workOf(cheap)) * FIRST_SHARE) / PASSES

  return {
    extraHash: (cheap) => {
      const memoryKiB = Math.round(memoryFor(cheap))
      return memoryKiB < MINIMUM_KIB ? null : { memoryKiB, iterations: PASSES }
    },
    comparisonTook: (milliseconds) => {
      comparisons[compared % KEPT_COMPARISONS] = milliseconds
      compared += 1
    },
    equalizedTook: (cheap, milliseconds) => {
      const comparison = comparisons[uses % comparisons.length]
      uses += 1
      if (comparison === undefined) return
      const next = memoryFor(cheap) + (milliseconds > comparison ? -STEP_KIB : STEP_KIB)
      memory.set(keyOf(cheap), Math.max(0, next))
    },
  }
}

const workOf = ({ memoryKiB, iterations }: Cost): number => memoryKiB * iterations

const keyOf = ({ memoryKiB, iterations }: Cost): string => `${memoryKiB},${iterations}`
