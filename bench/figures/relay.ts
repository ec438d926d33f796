import { writeBacklog } from '../../tests/support/builders/write-backlog.ts'
import { openProgram } from '../children.ts'
import type { Figure, Measure } from '../figure.ts'
import type { PublishOrder } from '../programs/publisher.ts'
import type { Nodes } from '../site.ts'
import type { Stage, Stand } from '../stage.ts'

const EVENTS = 20_000
const LOOK_MS = 20
const WITHIN_MS = 60_000

/** From the commit of a backlog to the last acknowledgement written, beside publishing messages of the size. */
export const relayed = (stage: Stage, nodes: Nodes): Figure => ({
  name: `relayed events, ${nodes === 1 ? 'one NATS server' : 'three NATS servers'}`,
  unit: 'per second',
  rounds: 5,
  ours: {
    name: `${EVENTS} events of 200 users`,
    open: async () => {
      const stand = await stage.stand(nodes)
      const measure = drained(stand)
      await measure()
      return { measure, close: async () => {} }
    },
  },
  beside: [
    {
      name: 'publishes by a bare client, 32 at a time',
      open: async () => {
        const { natsUrl } = await stage.stand(nodes)
        const order: PublishOrder = { servers: natsUrl, replicas: nodes, inFlight: 32 }
        const { ask, stop } = openProgram('bench/programs/publisher.ts', [JSON.stringify(order)])
        await ask('1000')
        return { measure: async () => Number(await ask('2000')), close: stop }
      },
      atLeast: 0.5,
    },
  ],
  floor: 2000,
  atMost: null,
})

const drained =
  ({ sql }: Stand): Measure =>
  async () => {
    await writeBacklog(sql, EVENTS)
    const began = performance.now()
    for (;;) {
      const [owed] = await sql`select exists (select from outbox_deliveries) as any`
      const milliseconds = performance.now() - began
      if (owed?.['any'] === false) return EVENTS / (milliseconds / 1000)
      if (milliseconds > WITHIN_MS) throw new Error('a backlog was not delivered')
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }
