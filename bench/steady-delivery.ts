import { quantile } from '../tests/support/builders/sample-statistics.ts'
import { storedMessages, withJetStream } from '../tests/support/builders/stored-messages.ts'
import { openProgram } from './children.ts'
import type { Sample } from './figure.ts'
import { settled } from './settled.ts'
import { shortcomingsOf } from './shortcomings.ts'

export const RATE = 1000
export const USERS = 200
const ROUND_MS = 3000
/** Time to get going: a relay with nothing to do looks four times a second, and here nothing rings its bell. */
export const LEAD_MS = 500

/** Changes that are committed, and what brings them to a stream. */
export type Delivery = {
  readonly stream: { readonly natsUrl: string; readonly name: string }
  /** Commits RATE changes a second for so long; how many that were. */
  commit(milliseconds: number): Promise<number>
  /** How many changes are not known to be in the stream. */
  owed(): Promise<number>
  /** From the commit to the acknowledgement, in milliseconds, of what was committed since and is acknowledged. */
  waitsSince(instant: Date): Promise<readonly number[]>
  /** After so long without an acknowledgement none will come any more. */
  readonly silenceMs: number
}

/** A program that commits changes when it is asked to (see open-model.ts). */
export const openWriter = (program: string, order: { readonly rate: number }) => {
  const { ask, stop } = openProgram(program, [JSON.stringify(order)])
  const commit: Delivery['commit'] = async (milliseconds) => Number(await ask(String(milliseconds)))
  return { commit, stop }
}

/**
 * At a rate that does not ask how it is coped with. Per second is what was delivered while it lasted: the most that there
 * is, when it is less than the rate.
 */
export const measureDelivery = async (delivery: Delivery): Promise<Sample> => {
  const { stream, commit, owed, waitsSince, silenceMs } = delivery
  const connection = { servers: stream.natsUrl.split(',') }
  await settled(owed, silenceMs)
  const last = await withJetStream(
    connection,
    async ({ streams }) => (await streams.info(stream.name)).state.last_seq,
  )
  const before = await commit(LEAD_MS)
  const since = new Date()
  const committed = before + (await commit(ROUND_MS))
  const left = await owed()
  await settled(owed, silenceMs)
  const waits = await waitsSince(since)
  const stored = await storedMessages(connection, stream.name, last + 1)
  return {
    value: quantile(waits, 0.95),
    also: {
      ...{ p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) },
      'per second': (committed - left) / ((LEAD_MS + ROUND_MS) / 1000),
      ...shortcomingsOf(stored, committed),
    },
  }
}
