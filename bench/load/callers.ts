import { openProgram } from '../installation/processes.ts'
import type { OpenedSide } from '../measurement/figure.ts'
import type { WorkloadName } from './workloads.ts'

/** The argument of programs/caller.ts, as JSON. */
export type CallerOptions = {
  readonly workload: WorkloadName
  readonly address: string
  readonly callers: number
}

export const CALLERS = 8
export const ROUND_MS = 2000
/**
 * A runtime compiles what it runs often, in the background. Programs that run for days are compared, so both sides are measured
 * after that.
 */
const WARM_UP_MS = 15_000

/**
 * The `open` of a side that is measured by callers, in a process of their own. Each caller sends its next request when the
 * last one is answered. The value is the number of answers per second.
 */
export const callersFor =
  (workload: WorkloadName, address: () => Promise<string>) => async (): Promise<OpenedSide> => {
    const options: CallerOptions = { workload, address: await address(), callers: CALLERS }
    const { ask, stop } = openProgram('bench/programs/caller.ts', [JSON.stringify(options)])
    await ask(String(WARM_UP_MS))
    return { measure: async () => Number(await ask(String(ROUND_MS))), close: stop }
  }
