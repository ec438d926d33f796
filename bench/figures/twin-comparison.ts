import { watchProcesses } from '../../tests/load/run/watch-processes.ts'
import { openProgram } from '../installation/processes.ts'
import { startTwin } from '../installation/start-twin.ts'
import type { TestBed } from '../installation/test-bed.ts'
import { serviceAddress } from '../installation/test-bed.ts'
import type { Figure, OpenedSide } from '../measurement/figure.ts'
import { alsoClosing } from '../measurement/figure.ts'
import type { RequestsOptions } from '../programs/steady-requests.ts'

const RATE = 800
const USERS = 200
const ROUND_MS = 5000
const WARM_UP_MS = 20_000

/**
 * Processor time of the service and PostgreSQL for one PATCH and its delivery, near the rate of the headline, and at one that leaves
 * the machine idle time.
 * Beside it the twin of programs/twin.ts, the least that such a change can cost.
 */
export const twinComparison = (testBed: TestBed): Figure => ({
  name: 'processor time per change',
  unit: 'ms',
  rounds: 5,
  ours: {
    name: `PATCH /v1/users/me, ${RATE} per second of ${USERS} users`,
    open: async () => openSide('service', await serviceAddress(testBed)()),
  },
  baselines: [
    {
      name: 'the twin: one statement and a relay behind a cursor',
      open: () => openTwin(testBed),
      minRatio: null,
      maxRatio: 1.4,
    },
  ],
  min: null,
  max: null,
})

const openTwin = async ({ servers }: TestBed): Promise<OpenedSide> => {
  const twin = await startTwin(servers, 'twin', USERS)
  return alsoClosing(await openSide('twin', twin.url), twin.stop)
}

const openSide = async (
  target: RequestsOptions['target'],
  address: string,
): Promise<OpenedSide> => {
  const options: RequestsOptions = { target, address, rate: RATE, users: USERS }
  const { ask, stop } = openProgram('bench/programs/steady-requests.ts', [JSON.stringify(options)])
  await ask(String(WARM_UP_MS))
  return {
    close: stop,
    measure: async () => {
      const watch = watchProcesses()
      const startedAt = performance.now()
      const changes = Number(await ask(String(ROUND_MS)))
      const milliseconds = performance.now() - startedAt
      const used = watch.stop()
      const perChange = (program: string): number =>
        ((used[program]?.cores ?? 0) * milliseconds) / changes
      const [server, postgres] = [perChange(target), perChange('postgres')]
      return {
        value: server + postgres,
        details: { 'in the server, ms': server, 'in PostgreSQL, ms': postgres },
      }
    },
  }
}
