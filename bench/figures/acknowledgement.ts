import type { Figure, Side } from '../figure.ts'
import type { WriterOrder } from '../programs/steady-writer.ts'
import { SHORTCOMINGS } from '../shortcomings.ts'
import type { Nodes } from '../site.ts'
import type { Stage, Stand } from '../stage.ts'
import type { Delivery } from '../steady-delivery.ts'
import { measureDelivery, openWriter, RATE, USERS } from '../steady-delivery.ts'

/**
 * From the commit of a change to its acknowledgement. What requests cost besides is left out here: with them these two
 * cores are full at this rate (see tests/load, suite `events`).
 */
export const acknowledged = (stage: Stage, nodes: Nodes): Figure => ({
  name: `commit to acknowledged, ${nodes === 1 ? 'one NATS server' : 'three NATS servers'}`,
  unit: 'ms',
  rounds: 5,
  ours: steadyChanges(stage, nodes),
  beside: [],
  floor: null,
  atMost: 50,
  none: SHORTCOMINGS,
})

export const steadyChanges = (stage: Stage, nodes: Nodes): Side => ({
  name: `p95 at ${RATE} changes per second of ${USERS} users`,
  open: async () => {
    const stand = await stage.stand(nodes)
    const order: WriterOrder = { databaseUrl: stand.databaseUrl, rate: RATE, users: USERS }
    const { commit, stop } = openWriter('bench/programs/steady-writer.ts', order)
    // What it does to get warm is behind it when it answers.
    await commit(0)
    const delivery = { ...deliveryOn(stand), commit }
    return { measure: () => measureDelivery(delivery), close: stop }
  },
})

const deliveryOn = ({ sql, natsUrl }: Stand): Omit<Delivery, 'commit'> => ({
  stream: { natsUrl, name: 'USER_EVENTS' },
  owed: async () => {
    const [owed] = await sql`select count(*)::int as count from outbox_deliveries`
    return owed?.['count'] ?? Number.NaN
  },
  waitsSince: async (instant) => {
    const waits = await sql`
      select (extract(epoch from ack.acked_at - event.occurred_at) * 1000)::float8 as milliseconds
      from outbox_events event join outbox_acks ack using (day, user_id, version)
      where event.occurred_at >= ${instant}`
    return waits.map(({ milliseconds }) => milliseconds)
  },
  silenceMs: 10_000,
})
