import type { Options, Scenario } from 'k6/options'
import type { Load } from '../run/load-of-suite.ts'

type ConstantRate = Omit<Load, 'users'> & {
  /** The name of the exported function that sends a request. */
  readonly exec: string
  /** The most requests at the same time. When it is reached, k6 drops iterations, which fails the run. */
  readonly maxInFlight?: number
}

/**
 * A constant arrival rate, after a warm-up at half the rate. A request is sent at its time, even if earlier requests have not
 * been answered. Thresholds do not include the warm-up.
 */
export const constantRate = ({
  rate,
  seconds,
  warmUpSeconds,
  exec,
  maxInFlight = 500,
}: ConstantRate) => ({
  warmup: scenario({
    rate: Math.max(1, Math.round(rate / 2)),
    startSeconds: 0,
    seconds: warmUpSeconds,
    phase: 'warmup',
    exec,
    maxInFlight,
  }),
  load: scenario({
    rate,
    startSeconds: warmUpSeconds,
    seconds,
    phase: 'load',
    exec,
    maxInFlight,
  }),
})

type Phase = Required<Omit<ConstantRate, 'warmUpSeconds'>> & {
  readonly startSeconds: number
  readonly phase: 'warmup' | 'load'
}

const scenario = ({ exec, rate, startSeconds, seconds, maxInFlight, phase }: Phase): Scenario => ({
  executor: 'constant-arrival-rate',
  exec,
  rate,
  timeUnit: '1s',
  startTime: `${startSeconds}s`,
  duration: `${seconds}s`,
  // Enough for a stall of half a second. k6 drops iterations while it creates more virtual users.
  preAllocatedVUs: Math.min(maxInFlight, Math.max(10, Math.ceil(rate / 4))),
  maxVUs: maxInFlight,
  gracefulStop: '10s',
  tags: { phase },
})

/** No request fails, and the load has the rate that was given. */
export const BASE_THRESHOLDS: Record<string, string[]> = {
  http_req_failed: ['rate==0'],
  dropped_iterations: ['count==0'],
}

export const SUMMARY: Pick<Options, 'summaryTrendStats'> = {
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max', 'count'],
}
