import { writeBacklog } from '../../tests/support/builders/events/write-backlog.ts'
import type { Replicas } from '../installation/open-installation.ts'
import { openProgram } from '../installation/processes.ts'
import type { RunningInstallation, TestBed } from '../installation/test-bed.ts'
import type { Figure } from '../measurement/figure.ts'
import type { PublisherOptions } from '../programs/publisher.ts'

const EVENTS = 20_000
const POLL_MS = 20
const LONGEST_WAIT_MS = 60_000

/**
 * From the commit of a backlog until the last acknowledgement is written, compared with a bare client that publishes
 * messages of about the same size.
 */
export const relayThroughput = (testBed: TestBed, replicas: Replicas): Figure => ({
  name: `relayed events, ${replicas === 1 ? 'one NATS server' : 'three NATS servers'}`,
  unit: 'per second',
  rounds: 5,
  ours: {
    name: `${EVENTS} events of 200 users`,
    open: async () => {
      const installation = await testBed.installation(replicas)
      // The first backlog warms up the relay.
      await drainBacklog(installation)
      return { measure: () => drainBacklog(installation), close: async () => {} }
    },
  },
  baselines: [
    {
      name: 'publishes by a bare client, 32 at a time',
      open: async () => {
        const { natsUrl } = await testBed.installation(replicas)
        const options: PublisherOptions = { servers: natsUrl, replicas, inFlight: 32 }
        const { ask, stop } = openProgram('bench/programs/publisher.ts', [JSON.stringify(options)])
        await ask('1000')
        return { measure: async () => Number(await ask('2000')), close: stop }
      },
      minRatio: 0.5,
    },
  ],
  min: 2000,
  max: null,
})

/** Writes a backlog and waits until it is delivered. The number of events per second. */
const drainBacklog = async ({ sql }: RunningInstallation): Promise<number> => {
  await writeBacklog(sql, EVENTS)
  const startedAt = performance.now()
  for (;;) {
    const [row] = await sql`select exists (select from outbox_deliveries) as pending`
    const milliseconds = performance.now() - startedAt
    if (row?.['pending'] === false) return EVENTS / (milliseconds / 1000)
    if (milliseconds > LONGEST_WAIT_MS)
      throw new Error(`${EVENTS} events were not delivered within ${LONGEST_WAIT_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
