import type { Options, Scenario } from 'k6/options'
import { WARM_UP_SECONDS } from './settings.ts'

type Load = {
  /** Requests that leave each second, whatever becomes of those before. */
  readonly rate: number
  readonly seconds: number
  /** The function of the script. */
  readonly exec: string
  /** The most that may be on their way; with more the rate is not kept, which fails the run. */
  readonly atOnce?: number
}

/** A constant arrival rate, after a warm-up at half of it that no threshold looks at. */
export const constantRate = ({ rate, seconds, exec, atOnce = 500 }: Load) => ({
  warmup: arriving(exec, Math.max(1, Math.round(rate / 2)), 0, WARM_UP_SECONDS, atOnce, 'warmup'),
  load: arriving(exec, rate, WARM_UP_SECONDS, seconds, atOnce, 'load'),
})

const arriving = (
  exec: string,
  rate: number,
  startSeconds: number,
  seconds: number,
  atOnce: number,
  phase: 'warmup' | 'load',
): Scenario => ({
  executor: 'constant-arrival-rate',
  exec,
  rate,
  timeUnit: '1s',
  startTime: `${startSeconds}s`,
  duration: `${seconds}s`,
  // For a stall of half a second: making more of them meanwhile is what drops iterations.
  preAllocatedVUs: Math.min(atOnce, Math.max(10, Math.ceil(rate / 2))),
  maxVUs: atOnce,
  gracefulStop: '10s',
  tags: { phase },
})

/** Nothing fails, and the load is what it says it is. */
export const SOUND: Record<string, string[]> = {
  http_req_failed: ['rate==0'],
  dropped_iterations: ['count==0'],
}

export const SUMMARY: Pick<Options, 'summaryTrendStats' | 'setupTimeout'> = {
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max', 'count'],
  setupTimeout: '300s',
}
