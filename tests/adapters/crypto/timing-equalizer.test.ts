import { describe, expect, test } from 'bun:test'
import type { Cost } from '../../../src/adapters/crypto/timing-equalizer.ts'
import { makeTimingEqualizer } from '../../../src/adapters/crypto/timing-equalizer.ts'
import { separability } from '../../support/processes/timing/sample-statistics.ts'

const CURRENT = { memoryKiB: 12_288, iterations: 3 }

/** Pseudo-random numbers, the same in every run. */
const givenChance = () => {
  let state = 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** A machine whose caches make passes over less memory this much faster, with random load. */
const givenMachine = (cacheSpeed: number) => {
  const chance = givenChance()
  return ({ memoryKiB, iterations }: Cost): number => {
    const speed = memoryKiB < 12_288 ? cacheSpeed : 1
    return (memoryKiB * (iterations + 0.3)) / 6000 / speed + chance() ** 4
  }
}

/** The times of many refusals of both kinds. The first ones are left out, because the equalizer adapts during them. */
const refusals = (cacheSpeed: number, cheap: Cost) => {
  const timeOf = givenMachine(cacheSpeed)
  const equalizer = makeTimingEqualizer(CURRENT)
  const [current, cheaper]: [number[], number[]] = [[], []]
  for (let round = 0; round < 2000; round += 1) {
    const compared = timeOf(CURRENT)
    equalizer.comparisonTook(compared)
    current.push(compared)
    const extra = equalizer.extraHash(cheap)
    const equalized = timeOf(cheap) + (extra === null ? 0 : timeOf(extra))
    equalizer.equalizedTook(cheap, equalized)
    cheaper.push(equalized)
  }
  return { current: current.slice(200), cheaper: cheaper.slice(200) }
}

describe('the timing equalizer', () => {
  for (const cacheSpeed of [0.9, 1.04, 1.15, 1.6])
    for (const cheap of [
      { memoryKiB: 12_288, iterations: 2 },
      { memoryKiB: 12_288, iterations: 1 },
      { memoryKiB: 8192, iterations: 2 },
    ])
      test(`hides ${cheap.memoryKiB} KiB × ${cheap.iterations} where caches are ${cacheSpeed} times as quick [EN2]`, () => {
        const { current, cheaper } = refusals(cacheSpeed, cheap)
        expect(separability(current, cheaper)).toBeLessThan(0.55)
      })

  test('starts with two passes over 60 % of the missing work, before anything was compared', () => {
    const equalizer = makeTimingEqualizer(CURRENT)
    const cheap = { memoryKiB: 12_288, iterations: 2 }
    equalizer.equalizedTook(cheap, 1)
    expect(equalizer.extraHash(cheap)).toEqual({ memoryKiB: 3686, iterations: 2 })
  })

  test('adds nothing to a hash of the same cost, even when earlier ones took longer', () => {
    const equalizer = makeTimingEqualizer(CURRENT)
    const dear = { memoryKiB: 12_288, iterations: 4 }
    expect(equalizer.extraHash(CURRENT)).toBeNull()
    equalizer.comparisonTook(6)
    for (let use = 0; use < 10; use += 1) equalizer.equalizedTook(dear, 8)
    expect(equalizer.extraHash(dear)).toBeNull()
  })
})
