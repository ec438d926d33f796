import { scenario, test, vu } from 'k6/execution'

// The service carries the trace of a request into its event. So the trace id says when the request was sent, and the
// number of the iteration: the observer needs nothing else to know how long an event took and which one is missing.

const MARK = 'b10c'
const PHASES = { warmup: '0', load: '1' } as const

/** The same for all virtual users of a run, and another one for the next run on the same stream. */
const run = (): string => (Math.floor(scenario.startTime) % 0x10000).toString(16).padStart(4, '0')

/** `traceparent` of a request that is sent now. */
export const traceparent = (iteration: number): string => {
  const phase = vu.metrics.tags['phase'] === 'load' ? PHASES.load : PHASES.warmup
  const sent = Date.now().toString(16).padStart(11, '0')
  const id = `${MARK}${run()}${phase}${sent}${iteration.toString(16).padStart(12, '0')}`
  return `00-${id}-${SPAN}-01`
}

const SPAN = '00000000000000aa'

/** Ends the run at once, saying why. */
export const abort = (why: string): never => {
  test.abort(why)
  throw new Error(why)
}
