import { createInterface } from 'node:readline'
import { connect, nanos, StorageType } from 'nats'

// What the relay is measured beside: the client alone. For each line, a number of milliseconds, it publishes for so
// long and writes the acknowledgements per second.

export type PublishOrder = {
  readonly servers: string
  readonly replicas: number
  readonly inFlight: number
}

const { servers, replicas, inFlight }: PublishOrder = JSON.parse(process.argv[2] ?? '')
const SUBJECT = 'bench.events'
const body = new Uint8Array(600).fill(97)

const connection = await connect({ servers: servers.split(',') })
await (await connection.jetstreamManager()).streams.add({
  ...{ name: 'BENCH', subjects: [SUBJECT], storage: StorageType.File, num_replicas: replicas },
  duplicate_window: nanos(300_000),
})
const stream = connection.jetstream()
let count = 0

const publishedPerSecond = async (milliseconds: number): Promise<number> => {
  const began = performance.now()
  const first = count
  const publish = async () => {
    while (performance.now() < began + milliseconds) {
      count += 1
      await stream.publish(SUBJECT, body, { msgID: `${process.pid}-${count}` })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, publish))
  return (count - first) / ((performance.now() - began) / 1000)
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(await publishedPerSecond(Number(line)))
await connection.close()
