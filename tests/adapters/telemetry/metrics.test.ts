import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { makeMetrics } from '../../../src/adapters/telemetry/metrics.ts'
import type { BudgetName } from '../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../src/domain/limits/limits.ts'

const NOW = new Date('2026-11-24T12:00:00.000Z')
const CHANNEL = 'nats:user.events'

type Row = { readonly type: string; readonly labels: readonly string[] }

/** The rows of the tables in docs/metrics.md that apply to this operating system. */
const documented = async (): Promise<Record<string, Row>> => {
  const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')
  const rows = page.matchAll(/^\| `(auth_\w+)` \| (\w+) \| (.+?) \| (.+) \|$/gm)
  return Object.fromEntries(
    [...rows]
      .filter(
        ([, , , , meaning = '']) => process.platform === 'linux' || !meaning.includes('*Linux*'),
      )
      .map(([, name = '', type = '', labels = '']) => [
        name,
        { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
      ]),
  )
}

const STATUS = {
  name: 'USER_EVENTS',
  replicasConfigured: 3,
  replicasCurrent: 2,
  messages: 7,
  bytes: 4200,
  firstSequence: 1,
  lastSequence: 7,
  createdAt: NOW,
}

/** Metrics after each thing has happened once. */
const givenMetrics = () => {
  let now = NOW
  const metrics = makeMetrics(() => now)
  const { measurements } = metrics
  measurements.signIn('ok')
  measurements.registration('refused')
  measurements.refresh('reused')
  measurements.providerReturn('google', 'returned')
  measurements.codeExchange('signed-in')
  measurements.limited('register')
  measurements.delivered(CHANNEL, 0.012)
  measurements.deliveryFailed(CHANNEL, 'ambiguous')
  measurements.limitsShared(false)
  measurements.fenced(CHANNEL)
  measurements.leases(22, 3)
  metrics.observeRequest('/v1/users/me', 'GET', 200, 0.004)
  metrics.hashVerified()
  const oldestPendingAt = new Date(NOW.getTime() - 5000)
  metrics.setBacklog(CHANNEL, { pending: 3, parked: 1, oldestPendingAt })
  metrics.setChannelReady(CHANNEL, true)
  metrics.setConsumers([
    {
      name: 'backend',
      subject: 'user.events',
      pending: 1,
      ackPending: 2,
      redelivered: 3,
      oldestUnackedSeconds: null,
    },
  ])
  metrics.setStreams([{ name: 'USER_EVENTS', state: 'ready', differences: [], status: STATUS }])
  const pass = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000)
  }
  return { metrics, pass }
}

const seriesOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /^auth_/.test(line) && !/^auth_(process|nodejs)_/.test(line))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))

describe('metrics', () => {
  test('docs/metrics.md lists each metric with its type, and no other', async () => {
    const text = await givenMetrics().metrics.text()
    const shown = [...text.matchAll(/^# TYPE (\S+ \S+)$/gm)].map(([, line]) => String(line))
    const listed = Object.entries(await documented()).map(([name, { type }]) => `${name} ${type}`)
    expect(listed.toSorted()).toEqual(shown.toSorted())
  })

  test('docs/metrics.md lists the labels of each metric of the service', async () => {
    const series = seriesOf(await givenMetrics().metrics.text())
    for (const [name, { labels }] of Object.entries(await documented())) {
      const shown = series
        .filter((line) => new RegExp(`^${name}(_count)?(\\{|$)`).test(line))
        .flatMap((line) => [...line.matchAll(/(\w+)="/g)].map(([, label = '']) => label))
      if (/^auth_(process|nodejs)_/.test(name)) continue
      expect({ name, labels: [...new Set(shown)] }).toEqual({ name, labels: [...labels] })
    }
  })

  test('what happened is counted under its result', async () => {
    const text = await givenMetrics().metrics.text()
    for (const line of [
      'auth_sign_ins_total{result="ok"} 1',
      'auth_registrations_total{result="refused"} 1',
      'auth_refreshes_total{result="reused"} 1',
      'auth_limited_total{budget="register"} 1',
      'auth_limits_shared 0',
      'auth_limits_split_total 1',
      'auth_password_verifications_total 1',
      'auth_delivery_failures_total{channel="nats:user.events",kind="ambiguous"} 1',
      'auth_deliveries_pending{channel="nats:user.events"} 3',
      'auth_deliveries_parked{channel="nats:user.events"} 1',
      'auth_http_request_seconds_count{route="/v1/users/me",method="GET",status="200"} 1',
    ])
      expect(text.split('\n')).toContain(line)
  })

  test('the age of the oldest pending delivery rises between reports, and is 0 when there is none', async () => {
    const { metrics, pass } = givenMetrics()
    const age = async () =>
      /^auth_deliveries_oldest_pending_seconds\{.*\} (\S+)$/m.exec(await metrics.text())?.[1]
    expect(await age()).toBe('5')
    pass(7)
    expect(await age()).toBe('12')
    metrics.setBacklog(CHANNEL, { pending: 0, parked: 1, oldestPendingAt: null })
    expect(await age()).toBe('0')
  })

  test('10 000 invented methods and all budgets leave the number of series as it was [LE6]', async () => {
    const { metrics } = givenMetrics()
    const budgets = Object.keys(DEFAULT_BUDGETS) as BudgetName[]
    const happen = (round: number) => {
      metrics.observeRequest('/v1/users/me', `X-${round}`, 405, 0.001)
      for (const budget of budgets) metrics.measurements.limited(budget)
    }
    happen(0)
    const before = seriesOf(await metrics.text()).length
    for (let round = 1; round <= 10_000; round += 1) happen(round)
    expect(seriesOf(await metrics.text())).toHaveLength(before)
  })
})
