import type { Argon2Parameters } from './argon2-parameters.ts'

export type Cost = Pick<Argon2Parameters, 'memoryKiB' | 'iterations'>

export type Filler = {
  /** The hash to make after one that was cheaper; null when it was not. */
  between(cheap: Cost): Cost | null
  /** A comparison with a hash of the present took so many milliseconds. */
  compared(milliseconds: number): void
  /** A cheaper hash with its filler took so many. */
  filled(cheap: Cost, milliseconds: number): void
}

// Of what was measured (one to twenty-four passes) this is slowed by a neighbour who wants the memory as a hash is: passes
// over little memory stay quick in the processor's cache, and a hash with them would then be the quicker one.
const PASSES = 2
/** More or less memory after each use. */
const STEP_KIB = 64
/** What argon2 needs at least, with one lane. */
const LEAST_KIB = 8
/** Of the work that is missing, since beginning a hash, once more, costs the rest. */
const FIRST_SHARE = 0.6
const KEPT_COMPARISONS = 64

/**
 * What makes a cheaper hash last as long as one of the present. How much memory that takes only the machine knows, and its
 * load changes it; so each use is held against a recent comparison and moves the memory a little, until the one is as
 * often the longer as the other: then nobody can tell them apart.
 */
export const makeFiller = (present: Cost): Filler => {
  const memory = new Map<string, number>()
  const comparisons: number[] = []
  let compared = 0
  let uses = 0

  const memoryAfter = (cheap: Cost): number =>
    memory.get(nameOf(cheap)) ?? ((workOf(present) - workOf(cheap)) * FIRST_SHARE) / PASSES

  return {
    between(cheap) {
      const memoryKiB = Math.round(memoryAfter(cheap))
      return memoryKiB < LEAST_KIB ? null : { memoryKiB, iterations: PASSES }
    },
    compared(milliseconds) {
      comparisons[compared % KEPT_COMPARISONS] = milliseconds
      compared += 1
    },
    filled(cheap, milliseconds) {
      const other = comparisons[uses % comparisons.length]
      uses += 1
      if (other === undefined) return
      const next = memoryAfter(cheap) + (milliseconds > other ? -STEP_KIB : STEP_KIB)
      memory.set(nameOf(cheap), Math.max(0, next))
    },
  }
}

const workOf = ({ memoryKiB, iterations }: Cost): number => memoryKiB * iterations

const nameOf = ({ memoryKiB, iterations }: Cost): string => `${memoryKiB},${iterations}`
