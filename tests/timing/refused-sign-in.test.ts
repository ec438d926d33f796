import { describe, expect, test } from 'bun:test'
import { hash, verify } from '@node-rs/argon2'
import { ARGON2_PARAMETERS } from '../../src/adapters/crypto/argon2-parameters.ts'
import type { ComposedService } from '../support/builders/service/composed-service.ts'
import { composedService, jsonInit } from '../support/builders/service/composed-service.ts'
import { isLongRun } from '../support/processes/test-run/test-run.ts'
import { floorOf, separability } from '../support/processes/timing/sample-statistics.ts'

/**
 * Two classes are told apart when the area under the ROC curve is over 0.55 in each of three series. The standard deviation
 * of an area of one half is 0.020 with 400 samples a class, and 0.009 with 2000. So the short form finds a leak with an area
 * of 0.60 in 98 of 100 runs, and the long form finds one of 0.57 in 95 of 100. Either takes classes that do not differ for
 * different in one of 30 000 runs at most.
 */
const ROUNDS = isLongRun ? 2000 : 400
/** Enough accounts for each class that none reaches the cap of 100 failures, after which nothing is written. */
const ACCOUNTS = 25
const MINUTES = 60_000

const { memoryKiB, iterations, parallelism } = ARGON2_PARAMETERS
const options = { memoryCost: memoryKiB, timeCost: iterations, parallelism }
const OLDER = { ...options, timeCost: iterations - 1 }

/** A leak that is planted, to prove that this many samples find one: a tenth of a hash is computed after the answer. */
const PLANTED = 'planted'
const LEAK = { ...options, memoryCost: Math.round(memoryKiB / 10) }

type MakeAccount = (service: ComposedService, username: string) => Promise<unknown>

const register: MakeAccount = (service, username) => service.register(username)

/** How an account of each class is made. The class `unknown` has no account. */
const CLASSES: Readonly<Record<string, MakeAccount>> = {
  unknown: async () => undefined,
  wrong: register,
  inactive: async (service, username) => {
    const { id } = await service.register(username)
    await service.change(id, { isActive: false })
  },
  passwordless: async (service, username) => {
    const { id } = await service.register(username)
    await service.storeHash(id, null)
  },
  outdated: async (service, username) => {
    const { id } = await service.register(username)
    await service.storeHash(id, await hash('a password of earlier times', OLDER))
  },
  [PLANTED]: register,
}

/** One attempt for each class in each round, in a changing order, so that other load on the machine slows all classes alike. */
const measure = async (service: ComposedService, series: string) => {
  for (const [name, make] of Object.entries(CLASSES))
    for (let account = 0; account < ACCOUNTS; account += 1)
      await make(service, `${name}${series}${account}`)
  const samples = Object.keys(CLASSES).map((name) => ({
    name,
    milliseconds: [] as number[],
  }))
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { name, milliseconds } of samples.toSorted(() => Math.random() - 0.5)) {
      const body = {
        identifier: `${name}${series}${round % ACCOUNTS}`,
        password: 'a guess at it all',
      }
      const init = jsonInit('POST', body)
      const began = performance.now()
      const answer = await service.ask('/v1/auth/login', init)
      if (name === PLANTED) await hash('a leak', LEAK)
      milliseconds.push(performance.now() - began)
      if (answer.status !== 401) throw new Error(`${name}: ${answer.status}`)
    }
  return samples
}

const bareHash = async (): Promise<number> => {
  const stored = await hash('a password', options)
  const samples: number[] = []
  for (let run = 0; run < 100; run += 1) {
    const began = performance.now()
    await verify(stored, 'a guess at it all')
    samples.push(performance.now() - began)
  }
  return floorOf(samples)
}

/** The pairs of classes that one series of attempts can tell apart. */
const toldApart = async (service: ComposedService, series: string) => {
  const hashTime = await bareHash()
  const samples = await measure(service, series)
  return samples
    .flatMap((one, index) =>
      samples.slice(index + 1).map((other) => ({
        pair: `${one.name}/${other.name}`,
        area: separability(one.milliseconds, other.milliseconds),
        apart: Math.abs(floorOf(one.milliseconds) - floorOf(other.milliseconds)) / hashTime,
      })),
    )
    .filter(({ area, apart }) => area > 0.55 || apart > 0.03)
}

const isPlanted = ({ pair }: { readonly pair: string }) => pair.endsWith(`/${PLANTED}`)

describe('the time of a refused sign-in', () => {
  test(
    'is the same for unknown, wrong, inactive, password-less and outdated accounts [EN2]',
    async () => {
      const service = await composedService({ RATE_LIMITS: 'off' })
      // A real difference shows in every series. Other load on the machine does not.
      const first = await toldApart(service, 'a')
      const leaks = first.filter(isPlanted)
      let suspects = first.filter((one) => !isPlanted(one))
      for (const series of ['b', 'c']) {
        if (suspects.length === 0) break
        const again = await toldApart(service, series)
        suspects = again.filter(({ pair }) => suspects.some((before) => before.pair === pair))
      }
      await service.end()
      expect(suspects).toEqual([])
      // The planted leak tells its class from each of the others.
      expect(leaks.map(({ pair }) => pair)).toEqual(
        Object.keys(CLASSES)
          .filter((name) => name !== PLANTED)
          .map((name) => `${name}/${PLANTED}`),
      )
    },
    20 * MINUTES,
  )
})
