import { openProgram } from '../children.ts'
import type { Opened } from '../figure.ts'
import type { WorkloadName } from './workloads.ts'

export type Order = {
  readonly workload: WorkloadName
  readonly address: string
  readonly callers: number
}

export const CALLERS = 8
export const ROUND_MS = 2000
const WARM_UP_MS = 3000

/** Callers in a process of their own, each asking again once it is answered; measured in answers per second. */
export const call =
  (workload: WorkloadName, address: () => Promise<string>) => async (): Promise<Opened> => {
    const order: Order = { workload, address: await address(), callers: CALLERS }
    const { ask, stop } = openProgram('bench/programs/caller.ts', [JSON.stringify(order)])
    await ask(String(WARM_UP_MS))
    return { measure: async () => Number(await ask(String(ROUND_MS))), close: stop }
  }
