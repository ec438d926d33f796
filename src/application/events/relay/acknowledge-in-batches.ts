import type { Acknowledgement, Deliveries } from '../../../ports/driven/events/deliveries.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Pause } from '../../../ports/driven/shared/pause.ts'

type Needs = { readonly deliveries: Deliveries; readonly pause: Pause; readonly log: Log }

/** Resolves once the acknowledgement is written, or given up because the relay stops. */
export type Acknowledge = (acknowledgement: Acknowledgement) => Promise<void>

type Waiting = { readonly acknowledgement: Acknowledgement; readonly written: () => void }

const BATCH = 256
const RETRY_MILLISECONDS = 500
/** A write is a commit, and commits are what a database has fewest of. */
const GATHER_MILLISECONDS = 5

/**
 * Writes acknowledgements in batches: whatever arrives within a few milliseconds, and during the write before, is one.
 * An acknowledgement that is never written does no harm, because the same message id is sent again.
 */
export const makeAcknowledgeInBatches = (
  { deliveries, pause, log }: Needs,
  stopping: AbortSignal,
): Acknowledge => {
  const queue: Waiting[] = []
  let writing = false

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    for (;;) {
      try {
        await deliveries.acknowledge(batch.map(({ acknowledgement }) => acknowledgement))
        return
      } catch (fault) {
        log('error', 'relay.fault', { during: 'acknowledge' }, fault)
        if (stopping.aborted) return
        await pause(RETRY_MILLISECONDS, stopping)
      }
    }
  }

  const drain = async (): Promise<void> => {
    writing = true
    while (queue.length > 0) {
      if (queue.length < BATCH) await pause(GATHER_MILLISECONDS, stopping)
      const batch = queue.splice(0, BATCH)
      await write(batch)
      for (const { written } of batch) written()
    }
    writing = false
  }

  return (acknowledgement) =>
    new Promise((written) => {
      queue.push({ acknowledgement, written })
      if (!writing) void drain()
    })
}
