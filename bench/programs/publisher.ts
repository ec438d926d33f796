import { createInterface } from 'node:readline'
import { connect, nanos, StorageType } from 'nats'

// A bare NATS client, with which the relay is compared. Each line of standard input is a duration in milliseconds. For this
// duration it publishes, and then it prints the number of acknowledgements per second.

/** The argument of this program, as JSON. */
export type PublisherOptions = {
  /** The NATS servers, comma-separated. */
  readonly servers: string
  readonly replicas: number
  /** How many messages wait for their acknowledgement at the same time. */
  readonly inFlight: number
}

const { servers, replicas, inFlight }: PublisherOptions = JSON.parse(process.argv[2] ?? '')
const SUBJECT = 'bench.events'
const body = new Uint8Array(600).fill(97)

const connection = await connect({ servers: servers.split(',') })
await (await connection.jetstreamManager()).streams.add({
  name: 'BENCH',
  subjects: [SUBJECT],
  storage: StorageType.File,
  num_replicas: replicas,
  duplicate_window: nanos(300_000),
})
const stream = connection.jetstream()
let count = 0

const publishedPerSecond = async (milliseconds: number): Promise<number> => {
  const startedAt = performance.now()
  const countBefore = count
  const publish = async () => {
    while (performance.now() < startedAt + milliseconds) {
      count += 1
      await stream.publish(SUBJECT, body, { msgID: `${process.pid}-${count}` })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, publish))
  return (count - countBefore) / ((performance.now() - startedAt) / 1000)
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(await publishedPerSecond(Number(line)))
await connection.close()
