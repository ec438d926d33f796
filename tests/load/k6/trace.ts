import { scenario, test } from 'k6/execution'

// The service copies the trace of a request into its event. The trace id contains the time of the request and the number of
// the iteration. From these the observer calculates the latency of an event and knows which event is missing.

const MARK = 'b10c'

/** An iteration of a virtual user. */
export type Iteration = {
  /** Counted from 0 in each scenario. No two iterations of a scenario have the same number. */
  readonly number: number
  /** The name of its scenario. */
  readonly scenarioName: string
  /** The header of a request that is sent now. */
  readonly traceparent: string
}

/**
 * The iteration that runs now. k6 makes a new object whenever a module asks for `scenario`, and four of them for each request were a
 * seventh of its processor time. So each request asks once.
 */
export const thisIteration = (): Iteration => {
  const { iterationInTest: number, name: scenarioName, startTime } = scenario
  // The run has one id for each scenario, and the next run on the same stream has others.
  const run = (Math.floor(startTime) % 0x10000).toString(16).padStart(4, '0')
  const phase = scenarioName === 'load' ? '1' : '0'
  const sent = Date.now().toString(16).padStart(11, '0')
  const id = `${MARK}${run}${phase}${sent}${number.toString(16).padStart(12, '0')}`
  return { number, scenarioName, traceparent: `00-${id}-${SPAN}-01` }
}

const SPAN = '00000000000000aa'

/** Stops the run at once with a reason. */
export const abort = (why: string): never => {
  test.abort(why)
  throw new Error(why)
}
