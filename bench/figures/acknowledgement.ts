import { eventually } from '../../tests/support/servers/eventually.ts'
import { openProgram } from '../children.ts'
import type { Figure, Sample } from '../figure.ts'
import type { WriterOrder } from '../programs/steady-writer.ts'
import type { Nodes } from '../site.ts'
import type { Stage, Stand } from '../stage.ts'

const RATE = 1000
const USERS = 200
const ROUND_MS = 3000
/** A relay with nothing to do looks four times a second, and here nothing rings its bell. */
const LEAD_MS = 500

/**
 * At a rate that does not ask how it is coped with: from the commit of a change to its acknowledgement. What requests cost
 * besides is left out here: with them these two cores are full at this rate (see tests/load, suite `events`).
 */
export const acknowledged = (stage: Stage, nodes: Nodes): Figure => ({
  name: `commit to acknowledged, ${nodes === 1 ? 'one NATS server' : 'three NATS servers'}`,
  unit: 'ms',
  rounds: 5,
  ours: {
    name: `p95 at ${RATE} changes per second of ${USERS} users`,
    open: async () => {
      const stand = await stage.stand(nodes)
      const order: WriterOrder = { databaseUrl: stand.databaseUrl, rate: RATE, users: USERS }
      const { ask, stop } = openProgram('bench/programs/steady-writer.ts', [JSON.stringify(order)])
      const round = async (milliseconds: number) => Number(await ask(String(milliseconds)))
      return { measure: () => latencyOf(stand, round), close: stop }
    },
  },
  beside: [],
  floor: null,
  atMost: 50,
})

const latencyOf = async (
  { sql }: Stand,
  round: (milliseconds: number) => Promise<number>,
): Promise<Sample> => {
  await round(LEAD_MS)
  const since = new Date()
  const committed = await round(ROUND_MS)
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
  if (told?.['count'] !== committed) throw new Error(`${told?.['count']} events for ${committed}`)
  const [p50 = Number.NaN, p95 = Number.NaN, p99 = Number.NaN] = told?.['quantiles'] ?? []
  return { value: p95, also: { p50, p99 } }
}
