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

// Little memory, for fine steps.
const FILLER_KIB = 512
/** Passes more or fewer after each use. */
const STEP = 0.25
const KEPT_COMPARISONS = 64

/**
 * What makes a cheaper hash last as long as one of the present. How fast a pass over little memory is only the machine
 * knows, and its load changes it; so each use is held against a recent comparison and moves the number of passes a
 * little, until the one is as often the longer as the other: then nobody can tell them apart.
 */
export const makeFiller = (present: Cost): Filler => {
  const passes = new Map<string, number>()
  const comparisons: number[] = []
  let compared = 0
  let uses = 0

  const passesAfter = (cheap: Cost): number =>
    passes.get(nameOf(cheap)) ?? Math.max(0, workOf(present) - workOf(cheap)) / FILLER_KIB

  return {
    between(cheap) {
      const iterations = Math.round(passesAfter(cheap))
      return iterations < 1 ? null : { memoryKiB: FILLER_KIB, iterations }
    },
    compared(milliseconds) {
      comparisons[compared % KEPT_COMPARISONS] = milliseconds
      compared += 1
    },
    filled(cheap, milliseconds) {
      const other = comparisons[uses % comparisons.length]
      uses += 1
      if (other === undefined) return
      const next = passesAfter(cheap) + (milliseconds > other ? -STEP : STEP)
      passes.set(nameOf(cheap), Math.max(0, next))
    },
  }
}

const workOf = ({ memoryKiB, iterations }: Cost): number => memoryKiB * iterations

const nameOf = ({ memoryKiB, iterations }: Cost): string => `${memoryKiB},${iterations}`
