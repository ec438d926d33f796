import type { Replicas } from '../installation/open-installation.ts'
import type { RunningInstallation, TestBed } from '../installation/test-bed.ts'
import type { Figure, Side } from '../measurement/figure.ts'
import type { Delivery } from '../measurement/measure-delivery.ts'
import {
  DEFECTS,
  measureDelivery,
  openWriter,
  RATE,
  USERS,
} from '../measurement/measure-delivery.ts'
import type { WriterOptions } from '../programs/steady-writer.ts'

/**
 * From the commit of a change to its acknowledgement, without HTTP requests. With requests two cores are busy at this rate
 * (see tests/load, suite `events`).
 */
export const deliveryLatency = (testBed: TestBed, replicas: Replicas): Figure => ({
  name: `commit to acknowledged, ${replicas === 1 ? 'one NATS server' : 'three NATS servers'}`,
  unit: 'ms',
  rounds: 5,
  ours: steadyChanges(testBed, replicas),
  baselines: [],
  min: null,
  max: 50,
  mustBeZero: DEFECTS,
})

export const steadyChanges = (testBed: TestBed, replicas: Replicas): Side => ({
  name: `p95 at ${RATE} changes per second of ${USERS} users`,
  open: async () => {
    const installation = await testBed.installation(replicas)
    const options: WriterOptions = {
      databaseUrl: installation.databaseUrl,
      rate: RATE,
      users: USERS,
    }
    const { commit, stop } = openWriter('bench/programs/steady-writer.ts', options)
    // The writer warms up before its first answer.
    await commit(0)
    const delivery = { ...deliveryOf(installation), commit }
    return { measure: () => measureDelivery(delivery), close: stop }
  },
})

const deliveryOf = ({ sql, natsUrl }: RunningInstallation): Omit<Delivery, 'commit'> => ({
  stream: { natsUrl, name: 'USER_EVENTS' },
  pending: async () => {
    const [row] = await sql`select count(*)::int as count from outbox_deliveries`
    return row?.['count'] ?? Number.NaN
  },
  latenciesSince: async (instant) => {
    const rows = await sql`
      select (extract(epoch from ack.acked_at - event.occurred_at) * 1000)::float8 as milliseconds
      from outbox_events event join outbox_acks ack using (day, user_id, version)
      where event.occurred_at >= ${instant}`
    return rows.map(({ milliseconds }) => milliseconds)
  },
  silenceMs: 10_000,
})
