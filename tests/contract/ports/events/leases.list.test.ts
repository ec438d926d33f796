import { listedLeases } from '../../../support/fakes/events/listed-leases.ts'
import { leasesContract } from './leases.contract.ts'

leasesContract('a list', async () => {
  let now = new Date('2026-11-24T00:00:00.000Z').getTime()
  const living = new Set<string>()
  const leases = listedLeases(() => new Date(now))
  return {
    leases: {
      ...leases,
      keep: (instance) => {
        living.add(instance)
        return leases.keep(instance)
      },
    },
    // Everybody else renews while the time passes.
    lapse: async (instance) => {
      for (let second = 0; second < 11; second += 1) {
        now += 1000
        for (const other of living) if (other !== instance) await leases.keep(other)
      }
    },
  }
})
