import {
  CircuitState,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
  SamplingBreaker,
} from 'cockatiel'
import { PublishFailure } from '../../domain/events/publish-failure.ts'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'

export type CircuitBreaker = {
  /** Whether work would be tried: the breaker is closed, or has been open for 5 seconds and lets one try through. */
  isReady(): boolean
  /**
   * Does the work and counts how it ended. A permanent failure is about the message and not the receiver, so it is not
   * counted.
   * @throws PublishFailure, retryable, when the breaker is open; else what the work throws.
   */
  run<T>(work: () => Promise<T>): Promise<T>
}

type Needs = {
  readonly monotonic: Monotonic
  /** Called when the breaker opens and when it closes again. */
  readonly onChange: (isOpen: boolean) => void
}

/** It opens when more than half of the tries of 10 seconds fail, and at least three: as few as there are at night. */
const WINDOW_MILLISECONDS = 10_000
const HALF = 0.5
const LEAST_A_SECOND = 0.3
const OPEN_MILLISECONDS = 5000

/** Sends nothing to a receiver that keeps failing, except for one request every 5 seconds to see whether it works again. */
export const makeCircuitBreaker = ({ monotonic, onChange }: Needs): CircuitBreaker => {
  const policy = circuitBreaker(handleWhen(countsAgainstReceiver), {
    halfOpenAfter: OPEN_MILLISECONDS,
    breaker: new SamplingBreaker({
      threshold: HALF,
      duration: WINDOW_MILLISECONDS,
      minimumRps: LEAST_A_SECOND,
    }),
  })
  let opened = 0
  policy.onBreak(() => {
    opened = monotonic()
    onChange(true)
  })
  policy.onReset(() => onChange(false))
  const isReady = () =>
    policy.state === CircuitState.Closed ||
    (policy.state === CircuitState.Open && monotonic() - opened > OPEN_MILLISECONDS)
  return {
    isReady,
    run: async (work) => {
      if (!isReady()) throw notSent()
      try {
        return await policy.execute(work)
      } catch (fault) {
        // The package uses the wall clock. When that was set back, it stays open longer than the monotonic clock says.
        if (isBrokenCircuitError(fault)) throw notSent()
        throw fault
      }
    },
  }
}

const notSent = () => new PublishFailure('retryable', 'not sent: the receiver failed too often')

const countsAgainstReceiver = (fault: unknown): boolean =>
  !(fault instanceof PublishFailure && fault.kind === 'permanent')
