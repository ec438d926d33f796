import { scenario, test, vu } from 'k6/execution'

// The service copies the trace of a request into its event. The trace id contains the time of the request and the number of
// the iteration. From these the observer calculates the latency of an event and knows which event is missing.

const MARK = 'b10c'
const PHASES = { warmup: '0', load: '1' } as const

/** The id of this run. All virtual users of a run have the same id, and the next run on the same stream has another one. */
const run = (): string => (Math.floor(scenario.startTime) % 0x10000).toString(16).padStart(4, '0')

/** The `traceparent` header of a request that is sent now. */
export const traceparent = (iteration: number): string => {
  const phase = vu.metrics.tags['phase'] === 'load' ? PHASES.load : PHASES.warmup
  const sent = Date.now().toString(16).padStart(11, '0')
  const id = `${MARK}${run()}${phase}${sent}${iteration.toString(16).padStart(12, '0')}`
  return `00-${id}-${SPAN}-01`
}

const SPAN = '00000000000000aa'

/** Stops the run at once with a reason. */
export const abort = (why: string): never => {
  test.abort(why)
  throw new Error(why)
}
