import { watchProcesses } from '../../tests/load/run/watch-processes.ts'
import type { RunningInstallation, TestBed } from '../installation/test-bed.ts'
import { callersFor, ROUND_MS } from '../load/callers.ts'
import type { WorkloadName } from '../load/workloads.ts'
import type { Figure, Sample } from '../measurement/figure.ts'
import { waitUntilDelivered } from '../measurement/measure-delivery.ts'

type Operation = { readonly request: string; readonly workload: WorkloadName }

/** What clients do, by the name that figures and docs/capacity.md use. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  'profile read': { request: 'GET /v1/users/me', workload: 'read-profile' },
  change: { request: 'PATCH /v1/users/me', workload: 'change-profile' },
  refresh: { request: 'POST /v1/auth/refresh', workload: 'refresh' },
  'sign-in': { request: 'POST /v1/auth/login', workload: 'sign-in' },
  registration: { request: 'POST /v1/auth/register', workload: 'register' },
}

/** The programs that work for an operation, by the names that `watchProcesses` gives them. */
export const PROGRAMS = {
  service: 'service',
  PostgreSQL: 'postgres',
  Redis: 'redis',
  NATS: 'nats',
} as const

export const costName = (operation: string): string => `cost of a ${operation}`

/**
 * The processor time of one operation in the service and in its servers, with the delivery of its event. 8 callers wait for
 * each answer, so the machine is full: at a low rate an operation costs more, because less is done at once.
 */
export const operationCosts = (testBed: TestBed): readonly Figure[] =>
  Object.entries(OPERATIONS).map(([operation, { request, workload }]) => ({
    name: costName(operation),
    unit: 'ms',
    rounds: 5,
    ours: {
      name: `processor time of ${request} in the service and its servers`,
      open: async () => {
        const installation = await testBed.installation(1)
        const callers = await callersFor(workload, async () => installation.service.url)()
        return {
          measure: async () => costOf(installation, async () => Number(await callers.measure())),
          close: callers.close,
        }
      },
    },
    baselines: [],
    min: null,
    max: null,
  }))

const SILENCE_MS = 10_000

const costOf = async (
  { sql }: RunningInstallation,
  answersPerSecond: () => Promise<number>,
): Promise<Sample> => {
  const pending = async () => {
    const [row] = await sql`select count(*)::int as count from outbox_deliveries`
    return Number(row?.['count'])
  }
  await waitUntilDelivered(pending, SILENCE_MS)
  const watch = watchProcesses()
  const startedAt = performance.now()
  const perSecond = await answersPerSecond()
  await waitUntilDelivered(pending, SILENCE_MS)
  const milliseconds = performance.now() - startedAt
  const used = watch.stop()
  const operations = perSecond * (ROUND_MS / 1000)
  const costs = Object.entries(PROGRAMS).map(
    ([name, program]) => [name, ((used[program]?.cores ?? 0) * milliseconds) / operations] as const,
  )
  return {
    value: costs.reduce((sum, [, cost]) => sum + cost, 0),
    details: { ...Object.fromEntries(costs), 'per second': perSecond },
  }
}
