import type { Observed } from './observed.ts'

/** An event as it arrived. */
export type Arrival = {
  readonly userId: string
  readonly version: number
  readonly eventId: string
  readonly traceparent: string | null
  readonly committedAt: number
  readonly arrivedAt: number
}

export type Tally = {
  add(arrival: Arrival): void
  observed(after: number): Observed
}

// See tests/load/k6/trace.ts: mark, run, phase, when it was sent, number of the iteration.
const TRACE = /^00-b10c([0-9a-f]{4})([01])([0-9a-f]{11})([0-9a-f]{12})-/

/** Counts like a consumer that trusts nobody: each event once, each user's versions rising, no request without its event. */
export const makeTally = (): Tally => {
  const samples: (readonly [number, number])[] = []
  const events = new Set<string>()
  const versions = new Map<string, number>()
  const iterations = new Map<string, Set<number>>()
  let duplicate = 0
  let outOfOrder = 0
  let lastSeenAt = 0

  const note = ({ traceparent, committedAt, arrivedAt }: Arrival): void => {
    const [, run = '', phase = '', sent = '', iteration = ''] = TRACE.exec(traceparent ?? '') ?? []
    if (run === '') return
    lastSeenAt = arrivedAt
    const key = `${run}${phase}`
    iterations.set(key, (iterations.get(key) ?? new Set()).add(Number.parseInt(iteration, 16)))
    if (phase === '1')
      samples.push([arrivedAt - Number.parseInt(sent, 16), Math.max(0, arrivedAt - committedAt)])
  }

  const lost = (): number =>
    [...iterations.values()].reduce((sum, numbers) => sum + missingFrom(numbers), 0)

  return {
    add: (arrival) => {
      if (events.has(arrival.eventId)) {
        duplicate += 1
        return
      }
      events.add(arrival.eventId)
      if (arrival.version <= (versions.get(arrival.userId) ?? 0)) outOfOrder += 1
      else versions.set(arrival.userId, arrival.version)
      note(arrival)
    },
    observed: (after) => ({
      ...{ samples: samples.slice(after), next: samples.length },
      ...{ lost: lost(), duplicate, outOfOrder, lastSeenAt },
    }),
  }
}

/** Iterations count from 0 in each scenario without a gap. */
const missingFrom = (numbers: ReadonlySet<number>): number =>
  [...numbers].reduce((most, number) => Math.max(most, number), -1) + 1 - numbers.size
