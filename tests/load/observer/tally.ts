/** An event as it reached the observer. Instants are Unix times in milliseconds. */
export type ReceivedEvent = {
  readonly userId: string
  readonly version: number
  readonly eventId: string
  readonly traceparent: string | null
  readonly committedAt: number
  readonly receivedAt: number
}

/** The answer of the observer at `/observed?after=N`. */
export type Observed = {
  /** The latencies of the events of the load phase, in milliseconds: from the request, and from the commit. */
  readonly samples: readonly (readonly [fromRequest: number, fromCommit: number])[]
  /** The value of `after` for the next request. */
  readonly next: number
  /** Requests without an event, although a later request of the same phase has one. */
  readonly lost: number
  readonly duplicate: number
  readonly outOfOrder: number
  /** When the last event was received: Unix time in milliseconds, or 0 when there was none. */
  readonly lastSeenAt: number
}

export type Tally = {
  add(event: ReceivedEvent): void
  observed(after: number): Observed
}

// The trace id as tests/load/k6/trace.ts makes it: mark, run, phase, time of the request, number of the iteration.
const TRACE = /^00-b10c([0-9a-f]{4})([01])([0-9a-f]{11})([0-9a-f]{12})-/

/** Counts events that come twice, versions that do not rise, and requests that have no event. */
export const makeTally = (): Tally => {
  const samples: (readonly [number, number])[] = []
  const events = new Set<string>()
  const versions = new Map<string, number>()
  const iterations = new Map<string, { readonly seen: Set<number>; greatest: number }>()
  let duplicate = 0
  let outOfOrder = 0
  let lastSeenAt = 0

  const readTrace = ({ traceparent, committedAt, receivedAt }: ReceivedEvent): void => {
    const [, run = '', phase = '', sent = '', iteration = ''] = TRACE.exec(traceparent ?? '') ?? []
    if (run === '') return
    lastSeenAt = receivedAt
    const key = `${run}${phase}`
    const ofScenario = iterations.get(key) ?? { seen: new Set<number>(), greatest: -1 }
    iterations.set(key, ofScenario)
    const number = Number.parseInt(iteration, 16)
    ofScenario.seen.add(number)
    ofScenario.greatest = Math.max(ofScenario.greatest, number)
    if (phase === '1')
      samples.push([receivedAt - Number.parseInt(sent, 16), Math.max(0, receivedAt - committedAt)])
  }

  // The iterations of a scenario count from 0 without a gap.
  const lost = (): number =>
    [...iterations.values()].reduce((sum, { seen, greatest }) => sum + greatest + 1 - seen.size, 0)

  return {
    add: (event) => {
      if (events.has(event.eventId)) {
        duplicate += 1
        return
      }
      events.add(event.eventId)
      if (event.version <= (versions.get(event.userId) ?? 0)) outOfOrder += 1
      else versions.set(event.userId, event.version)
      readTrace(event)
    },
    observed: (after) => ({
      samples: samples.slice(after),
      next: samples.length,
      lost: lost(),
      duplicate,
      outOfOrder,
      lastSeenAt,
    }),
  }
}
