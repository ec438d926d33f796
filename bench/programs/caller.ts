import { createInterface } from 'node:readline'
import type { CallerOptions } from '../load/callers.ts'
import { WORKLOADS } from '../load/workloads.ts'

// The callers of a figure. Each line of standard input is a duration in milliseconds. For this duration they send requests,
// and then this program prints the number of answers per second. It ends with an error when an answer is not a success,
// because a figure with refusals is meaningless.

const { workload, address, callers }: CallerOptions = JSON.parse(process.argv[2] ?? '')

const senders = await Promise.all(
  Array.from({ length: callers }, (_, caller) => WORKLOADS[workload](address, caller)),
)

const answersPerSecond = async (milliseconds: number): Promise<number> => {
  const startedAt = performance.now()
  const until = startedAt + milliseconds
  let answers = 0
  const sendUntilEnd = async (sendRequest: () => Promise<Response>) => {
    while (performance.now() < until) {
      const response = await sendRequest()
      if (!response.ok) throw new Error(`${workload}: ${response.status} ${await response.text()}`)
      await response.arrayBuffer()
      answers += 1
    }
  }
  await Promise.all(senders.map(sendUntilEnd))
  return answers / ((performance.now() - startedAt) / 1000)
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(await answersPerSecond(Number(line)))
// Connections are still open and would keep the process alive.
process.exit(0)
