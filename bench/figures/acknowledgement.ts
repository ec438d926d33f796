import { eventually } from '../../tests/support/servers/eventually.ts'
import { openProgram } from '../children.ts'
import type { Figure, Sample } from '../figure.ts'
import type { SteadyOrder, SteadyRound } from '../programs/steady-caller.ts'
import type { Nodes } from '../site.ts'
import type { Stage, Stand } from '../stage.ts'

const RATE = 1000
const USERS = 200
const ROUND_MS = 3000

/** At a rate that does not ask whether the answers come: from the commit of a change to its acknowledgement. */
export const acknowledged = (stage: Stage, nodes: Nodes): Figure => ({
  name: `commit to acknowledged, ${nodes === 1 ? 'one NATS server' : 'three NATS servers'}`,
  unit: 'ms',
  rounds: 5,
  ours: {
    name: `p95 at ${RATE} updates per second of ${USERS} users over HTTP`,
    open: async () => {
      const stand = await stage.stand(nodes)
      const order: SteadyOrder = { address: stand.service.url, rate: RATE, users: USERS }
      const { ask, stop } = openProgram('bench/programs/steady-caller.ts', [JSON.stringify(order)])
      const round = async () => readRound(await ask(String(ROUND_MS)))
      await round()
      return { measure: () => latencyOf(stand, round), close: stop }
    },
  },
  beside: [],
  floor: null,
  atMost: 50,
})

const readRound = (line: string): SteadyRound => JSON.parse(line)

const latencyOf = async ({ sql }: Stand, round: () => Promise<SteadyRound>): Promise<Sample> => {
  const since = new Date()
  const { answered, refused } = await round()
  await eventually('everything acknowledged', 30, async () => {
    const [owed] = await sql`select count(*)::int as count from outbox_deliveries`
    if (owed?.['count'] > 0) throw new Error(`${owed?.['count']} are owed`)
  })
  const [told] = await sql`
    select count(*)::int as count,
      percentile_cont(array[0.5, 0.95, 0.99]) within group (
        order by extract(epoch from ack.acked_at - event.occurred_at) * 1000
      ) as quantiles
    from outbox_events event left join outbox_acks ack using (day, user_id, version)
    where event.occurred_at >= ${since}`
  if (told?.['count'] !== answered) throw new Error(`${told?.['count']} events for ${answered}`)
  const [p50 = Number.NaN, p95 = Number.NaN, p99 = Number.NaN] = told?.['quantiles'] ?? []
  // What was refused waited for nothing: a latency without it would flatter.
  return { value: refused === 0 ? p95 : Number.POSITIVE_INFINITY, also: { p50, p99, refused } }
}
