import { describe, expect, test } from 'bun:test'
import type { Cost } from '../../../src/adapters/crypto/timing-equalizer.ts'
import { makeFiller } from '../../../src/adapters/crypto/timing-equalizer.ts'
import { separability } from '../../support/builders/sample-statistics.ts'

const PRESENT = { memoryKiB: 12_288, iterations: 3 }

/** The same numbers at every run. */
const givenChance = () => {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** A machine whose caches make passes over less memory this much quicker, and whose neighbours disturb. */
const givenMachine = (cacheSpeed: number) => {
  const chance = givenChance()
  return ({ memoryKiB, iterations }: Cost): number => {
    const speed = memoryKiB < 12_288 ? cacheSpeed : 1
    return (memoryKiB * (iterations + 0.3)) / 6000 / speed + chance() ** 4
  }
}

/** So many refusals of either kind; the first are left out, for the filler learns from them. */
const refusals = (cacheSpeed: number, cheap: Cost) => {
  const timeOf = givenMachine(cacheSpeed)
  const filler = makeFiller(PRESENT)
  const [present, cheaper]: [number[], number[]] = [[], []]
  for (let round = 0; round < 2000; round += 1) {
    const compared = timeOf(PRESENT)
    filler.compared(compared)
    present.push(compared)
    const fill = filler.between(cheap)
    const filled = timeOf(cheap) + (fill === null ? 0 : timeOf(fill))
    filler.filled(cheap, filled)
    cheaper.push(filled)
  }
  return { present: present.slice(200), cheaper: cheaper.slice(200) }
}

describe('the filler of a cheaper hash', () => {
  for (const cacheSpeed of [0.9, 1.04, 1.15, 1.6])
    for (const cheap of [
      { memoryKiB: 12_288, iterations: 2 },
      { memoryKiB: 12_288, iterations: 1 },
      { memoryKiB: 8192, iterations: 2 },
    ])
      test(`hides ${cheap.memoryKiB} KiB × ${cheap.iterations} where caches are ${cacheSpeed} times as quick [EN2]`, () => {
        const { present, cheaper } = refusals(cacheSpeed, cheap)
        expect(separability(present, cheaper)).toBeLessThan(0.55)
      })

  test('begins with two passes over most of the work that is missing, before anything was compared', () => {
    const filler = makeFiller(PRESENT)
    const cheap = { memoryKiB: 12_288, iterations: 2 }
    filler.filled(cheap, 1)
    expect(filler.between(cheap)).toEqual({ memoryKiB: 3686, iterations: 2 })
  })

  test('is none for a hash that costs no less, however often it took longer', () => {
    const filler = makeFiller(PRESENT)
    const dear = { memoryKiB: 12_288, iterations: 4 }
    expect(filler.between(PRESENT)).toBeNull()
    filler.compared(6)
    for (let use = 0; use < 10; use += 1) filler.filled(dear, 8)
    expect(filler.between(dear)).toBeNull()
  })
})
