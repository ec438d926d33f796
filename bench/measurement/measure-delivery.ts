import type { FoundMessage } from '../../tests/support/builders/events/stored-messages.ts'
import {
  storedMessages,
  withJetStream,
} from '../../tests/support/builders/events/stored-messages.ts'
import { quantile } from '../../tests/support/processes/timing/sample-statistics.ts'
import { openProgram } from '../installation/processes.ts'
import type { Sample } from './figure.ts'

/** Changes per second. */
export const RATE = 1000
export const USERS = 200
const ROUND_MS = 3000
/** Time to start up. An idle relay looks for events four times a second, and here nothing wakes it earlier. */
export const START_UP_MS = 500

/** What commits changes, and what delivers them to a stream. */
export type Delivery = {
  readonly stream: { readonly natsUrl: string; readonly name: string }
  /** Commits RATE changes a second for so many milliseconds. The number of changes. */
  commit(milliseconds: number): Promise<number>
  /** How many changes have no acknowledgement yet. */
  pending(): Promise<number>
  /** The milliseconds from commit to acknowledgement, of every acknowledged change that was committed since the instant. */
  latenciesSince(instant: Date): Promise<readonly number[]>
  /** When no acknowledgement comes for so long, the rest counts as lost. */
  readonly silenceMs: number
}

/** A program that commits changes when it is asked to (see load/open-model.ts). */
export const openWriter = (program: string, options: { readonly rate: number }) => {
  const { ask, stop } = openProgram(program, [JSON.stringify(options)])
  const commit: Delivery['commit'] = async (milliseconds) => Number(await ask(String(milliseconds)))
  return { commit, stop }
}

/**
 * Measures one round of the open model: changes are committed at RATE, whether or not the delivery keeps up. The value is
 * the p95 of the latencies. The detail `per second` counts what was delivered during the round. When it is less than RATE,
 * it is the highest rate that the delivery reaches.
 */
export const measureDelivery = async (delivery: Delivery): Promise<Sample> => {
  const { stream, commit, pending, latenciesSince, silenceMs } = delivery
  const connection = { servers: stream.natsUrl.split(',') }
  await waitUntilDelivered(pending, silenceMs)
  const lastSequence = await withJetStream(
    connection,
    async ({ streams }) => (await streams.info(stream.name)).state.last_seq,
  )
  const duringStartUp = await commit(START_UP_MS)
  const since = new Date()
  const committed = duringStartUp + (await commit(ROUND_MS))
  const undelivered = await pending()
  await waitUntilDelivered(pending, silenceMs)
  const latencies = await latenciesSince(since)
  const stored = await storedMessages(connection, stream.name, lastSequence + 1)
  return {
    value: quantile(latencies, 0.95),
    details: {
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      'per second': (committed - undelivered) / ((START_UP_MS + ROUND_MS) / 1000),
      ...streamDefects(stored, committed),
    },
  }
}

const POLL_MS = 100
const LONGEST_WAIT_MS = 30_000

/** Waits until nothing is pending, or until the number has not changed for `silenceMs`, or for 30 s at most. */
export const waitUntilDelivered = async (
  pending: () => Promise<number>,
  silenceMs: number,
): Promise<void> => {
  const startedAt = performance.now()
  let before = Number.NaN
  let changedAt = startedAt
  for (;;) {
    const count = await pending()
    const now = performance.now()
    if (count !== before) {
      before = count
      changedAt = now
    }
    if (count === 0 || now - changedAt > silenceMs || now - startedAt > LONGEST_WAIT_MS) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

/** The details that count defects. All of them must be 0. */
export const DEFECTS = ['lost', 'twice', 'out of order'] as const

/**
 * Compares the messages in a stream with the number of committed changes. The headers of a message name the user and the
 * version of its change.
 */
export const streamDefects = (
  stored: readonly Pick<FoundMessage, 'headers'>[],
  committed: number,
): Readonly<Record<(typeof DEFECTS)[number], number>> => {
  const seen = new Set<string>()
  const latest = new Map<string, number>()
  let outOfOrder = 0
  for (const { headers } of stored) {
    const { 'ce-subject': user = '', 'ce-sequence': sequence = '' } = headers
    const change = `${user} ${sequence}`
    const version = Number(sequence)
    const isLate = version < (latest.get(user) ?? 0)
    // A repeated message counts as out of order only when its first copy was out of order.
    if (isLate && !seen.has(change)) outOfOrder += 1
    if (!isLate) latest.set(user, version)
    seen.add(change)
  }
  return {
    lost: committed - seen.size,
    twice: stored.length - seen.size,
    'out of order': outOfOrder,
  }
}
