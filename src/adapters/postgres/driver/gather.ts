import { Unavailable } from '../../../domain/shared/unavailable.ts'
import { StatementFault } from './faults.ts'

export type GatherOptions<Call, Answer> = {
  /** Runs calls together. The answers have the order of the calls. */
  readonly run: (calls: readonly Call[]) => Promise<readonly Answer[]>
  /**
   * The least time between two runs, in milliseconds, when `busyRate` calls or more come in a second. With fewer calls it falls
   * with the square of their rate, because processors have time to spare then, and answers are quicker without a wait. A
   * run of `most` calls does not wait.
   */
  readonly everyMs: number
  /** Calls per second. */
  readonly busyRate: number
  /** A run that waits for more calls begins earlier when none has come for so many milliseconds. */
  readonly gapMs: number
  /** The most calls in one run. */
  readonly most: number
  /** How many runs may be under way at once. */
  readonly atOnce: number
  /** How many calls may wait for a run. */
  readonly waiting: number
  /** Monotonic milliseconds. */
  readonly now?: () => number
}

type Waiting<Call, Answer> = {
  readonly call: Call
  readonly since: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (fault: unknown) => void
}

/** The rate of calls is taken from about so many gaps between them. */
const GAPS = 32
/** A longer gap counts as this one, so that the first calls after a pause are forgotten within a tenth of a second. */
const LONGEST_GAP_MS = 20

/** A call that has waited longer gets no run. So long a caller waits for a connection too. */
const WAIT_MS = 1000

/**
 * Gathers calls that arrive at about the same time, because one statement for several rows costs little more than one for
 * a single row. A call that comes alone runs at once; only calls that are frequent wait for each other,
 * and only while more of them come.
 *
 * When the database refuses the statement of several calls, each of them runs once more by itself, so that each rejects
 * with its own fault only. Every other fault, such as a lost connection, rejects all calls of the run, and none of
 * another run.
 * @throws Unavailable when too many calls wait, or this one has waited for a second.
 */
export const gather = <Call, Answer>(
  options: GatherOptions<Call, Answer>,
): ((call: Call) => Promise<Answer>) => {
  const { run, everyMs, busyRate, gapMs, most, atOnce, waiting } = options
  const { now = () => performance.now() } = options
  const queue: Waiting<Call, Answer>[] = []
  let underWay = 0
  let lastAt = Number.NEGATIVE_INFINITY
  let lastCallAt = Number.NEGATIVE_INFINITY
  let meanGapMs = LONGEST_GAP_MS
  let isTimed = false

  const start = (): void => {
    refuseLate()
    if (queue.length === 0 || underWay >= atOnce) return
    const load = Math.min(1, 1000 / meanGapMs / busyRate)
    const beginsAt = lastAt + everyMs * load ** 2
    const early = Math.min(beginsAt, lastCallAt + gapMs) - now()
    if (early > 0 && queue.length < most) {
      startIn(early)
      return
    }
    lastAt = now()
    underWay += 1
    void runTogether(queue.splice(0, most)).then(() => {
      underWay -= 1
      start()
    })
  }

  const startIn = (milliseconds: number): void => {
    if (isTimed) return
    isTimed = true
    setTimeout(() => {
      isTimed = false
      start()
    }, milliseconds)
  }

  const refuseLate = (): void => {
    const firstInTime = queue.findIndex(({ since }) => now() - since <= WAIT_MS)
    const late = queue.splice(0, firstInTime === -1 ? queue.length : firstInTime)
    for (const { reject } of late) reject(new Unavailable('waited too long for the database', 1))
  }

  const runTogether = async (batch: readonly Waiting<Call, Answer>[]): Promise<void> => {
    try {
      const answers = await run(batch.map(({ call }) => call))
      if (answers.length !== batch.length) throw new Error('a run answered some calls only')
      for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer)
    } catch (fault) {
      if (batch.length > 1 && fault instanceof StatementFault)
        await Promise.all(batch.map((one) => runTogether([one])))
      else for (const { reject } of batch) reject(fault)
    }
  }

  return (call) =>
    new Promise((resolve, reject) => {
      if (queue.length >= waiting) throw new Unavailable('the queue is full', 1)
      const gapBefore = Math.min(LONGEST_GAP_MS, now() - lastCallAt)
      meanGapMs += (gapBefore - meanGapMs) / GAPS
      lastCallAt = now()
      queue.push({ call, since: lastCallAt, resolve, reject })
      start()
    })
}
