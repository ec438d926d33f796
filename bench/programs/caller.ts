import { createInterface } from 'node:readline'
import type { Order } from '../callers/call.ts'
import { WORKLOADS } from '../callers/workloads.ts'

// The load. For each line, a number of milliseconds, it calls for so long and writes the answers per second. Any
// answer but a success ends it, since a figure with refusals in it says nothing.

const { workload, address, callers }: Order = JSON.parse(process.argv[2] ?? '')

const steps = await Promise.all(
  Array.from({ length: callers }, (_, caller) => WORKLOADS[workload](address, caller)),
)

const answersPerSecond = async (milliseconds: number): Promise<number> => {
  const began = performance.now()
  const until = began + milliseconds
  let answers = 0
  const keepAsking = async (step: () => Promise<Response>) => {
    while (performance.now() < until) {
      const response = await step()
      if (!response.ok) throw new Error(`${workload}: ${response.status} ${await response.text()}`)
      await response.arrayBuffer()
      answers += 1
    }
  }
  await Promise.all(steps.map(keepAsking))
  return answers / ((performance.now() - began) / 1000)
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(await answersPerSecond(Number(line)))
// Connections are still open, for requests that will not come.
process.exit(0)
