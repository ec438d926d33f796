import type { Result } from '../../domain/shared/result.ts'
import type { CommittedEvent } from '../../ports/driven/events/deliveries.ts'
import type { Stores, Transact } from '../../ports/driven/transact.ts'
import type { Database, Handle } from './driver/database.ts'
import { attempt } from './driver/faults.ts'
import { makingMissingPartitions } from './driver/missing-partitions.ts'
import type { StoresNeeds } from './stores.ts'
import { storesOn } from './stores.ts'

/** Transactions over the stores. The work must wait for nothing but its stores: it holds a connection, and there may be only one. */
export const makeTransact =
  ({ db }: Database, needs: StoresNeeds): Transact =>
  async (work) => {
    const announced: CommittedEvent[] = []
    let isConflicted = false
    const stores = (tx: Handle): Stores =>
      storesOn(tx, {
        ...needs,
        announced: (event) => announced.push(event),
        conflicted: () => {
          isConflicted = true
        },
        // The whole transaction runs again, because it cannot go on after the fault.
        withPartition: (run) => run(),
      })
    const result = await makingMissingPartitions(db, () =>
      commitUnlessRefused(db, async (tx) => {
        announced.length = 0
        const answer = await work(stores(tx))
        // The database has aborted this transaction, and its commit would roll everything back without an error.
        if (answer.ok && isConflicted)
          throw new Error('a transaction went on after a name conflict')
        return answer
      }),
    )
    if (result.ok) for (const event of announced) needs.onCommitted(event)
    return result
  }

const commitUnlessRefused = async <T, R>(
  db: Handle,
  work: (tx: Handle) => Promise<Result<T, R>>,
): Promise<Result<T, R>> => {
  const rollback = new Error('refused')
  const refusals: Result<T, R>[] = []
  try {
    return await attempt(
      db.transaction(async (tx) => {
        const result = await work(tx)
        if (result.ok) return result
        refusals.push(result)
        throw rollback
      }),
    )
  } catch (error) {
    const [refusal] = refusals
    if (error === rollback && refusal !== undefined) return refusal
    throw error
  }
}
