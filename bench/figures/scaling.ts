import { watchProcesses } from '../../tests/load/run/watch-processes.ts'
import type { TestBed } from '../installation/test-bed.ts'
import { callersFor, ROUND_MS } from '../load/callers.ts'
import type { Figure, OpenedSide, Side } from '../measurement/figure.ts'
import { waitUntilDelivered } from '../measurement/measure-delivery.ts'
import { PROGRAMS } from './operation-costs.ts'

export const SCALING = 'scaling of changes'

/**
 * Changes a second with two API instances, compared with one. A relay of its own delivers the events. On both sides two
 * processes of 8 callers make the requests, and each caller waits for its answer.
 */
export const scaling = (testBed: TestBed): Figure => {
  let opened: ReturnType<typeof openInstances> | null = null
  const instances = () => {
    opened ??= openInstances(testBed)
    return opened
  }
  return {
    name: SCALING,
    unit: 'per second',
    rounds: 5,
    ours: side(2, instances),
    baselines: [{ ...side(1, instances), minRatio: null }],
    min: null,
    max: null,
  }
}

/** One relay and two API instances. The last side that closes them stops them. */
const openInstances = async (testBed: TestBed) => {
  const installation = await testBed.newInstallation(1, 'scaling')
  const relay = await installation.start({ ROLE: 'relay' })
  const apis = [
    await installation.start({ ROLE: 'api' }),
    await installation.start({ ROLE: 'api' }),
  ]
  let users = 0
  return {
    addresses: apis.map(({ url }) => url),
    pending: async (): Promise<number> => {
      const [row] = await installation.sql`
        select count(*)::int as count from outbox_deliveries`
      return Number(row?.['count'])
    },
    enter: () => {
      users += 1
    },
    leave: async (): Promise<void> => {
      users -= 1
      if (users > 0) return
      for (const one of [...apis, relay]) await one.stop()
      await installation.sql.end()
    },
  }
}

const SILENCE_MS = 10_000

const side = (count: 1 | 2, instances: () => ReturnType<typeof openInstances>): Side => ({
  name: `PATCH /v1/users/me, ${count === 1 ? 'one API instance' : 'two API instances'} and one relay`,
  open: async (): Promise<OpenedSide> => {
    const { addresses, pending, enter, leave } = await instances()
    enter()
    const [first = '', second = ''] = addresses
    const callers: OpenedSide[] = []
    // One after the other, because the callers make their usernames from the time.
    for (const address of [first, count === 1 ? first : second])
      callers.push(await callersFor('change-profile', async () => address)())
    return {
      measure: async () => {
        await waitUntilDelivered(pending, SILENCE_MS)
        const watch = watchProcesses()
        const rates = await Promise.all(callers.map(async ({ measure }) => Number(await measure())))
        const waiting = await pending()
        const used = watch.stop()
        const perSecond = rates.reduce((sum, rate) => sum + rate, 0)
        const cores = Object.entries({ ...PROGRAMS, callers: 'callers' }).map(
          ([name, program]) => [`cores of ${name}`, used[program]?.cores ?? 0] as const,
        )
        return {
          value: perSecond,
          details: {
            'delivered per second': perSecond - waiting / (ROUND_MS / 1000),
            ...Object.fromEntries(cores),
          },
        }
      },
      close: async () => {
        for (const { close } of callers) await close()
        await leave()
      },
    }
  },
})
