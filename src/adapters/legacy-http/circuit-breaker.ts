import {
  CircuitState,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
  SamplingBreaker,
} from 'cockatiel'
import { PublishFailure } from '../../domain/events/publish-failure.ts'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'

export type Breaker = {
  /** Whether a try would be made: it is closed, or has been open for long enough to let one through. */
  isReady(): boolean
  /** Does the work and counts how it ended. What is permanent says nothing about the receiver, and is not counted. */
  run<T>(work: () => Promise<T>): Promise<T>
}

type Needs = {
  readonly monotonic: Monotonic
  /** It has opened, or closed again. */
  readonly onChange: (isOpen: boolean) => void
}

/** More than half of the tries of so long a time have to fail, and three of them, as there are also at night. */
const WINDOW_MILLISECONDS = 10_000
const HALF = 0.5
const LEAST_A_SECOND = 0.3
const OPEN_MILLISECONDS = 5000

/** Leaves a receiver in peace that keeps failing, and looks every 5 seconds, with one request, whether it works again. */
export const makeBreaker = ({ monotonic, onChange }: Needs): Breaker => {
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
      if (!isReady()) throw leftInPeace()
      try {
        return await policy.execute(work)
      } catch (fault) {
        // A wall clock that was set back keeps it open for longer than the monotonic one says.
        if (isBrokenCircuitError(fault)) throw leftInPeace()
        throw fault
      }
    },
  }
}

const leftInPeace = () => new PublishFailure('retryable', 'not sent: the receiver failed too often')

const countsAgainstReceiver = (fault: unknown): boolean =>
  !(fault instanceof PublishFailure && fault.kind === 'permanent')
