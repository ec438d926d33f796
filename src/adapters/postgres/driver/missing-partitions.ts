import { sql } from 'drizzle-orm'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { Handle } from './database.ts'
import { attempt, isPartitionMissing } from './faults.ts'

/**
 * Runs a statement or a transaction. If it meets a day for which the ledger has no partition, the partition is made and
 * the work runs once more. Partitions are made a week ahead by the database's clock, so this happens when that clock jumps.
 * @param db must not be a transaction, because a transaction cannot go on after a fault.
 * @throws Unavailable when the partition cannot be made.
 */
export const makingMissingPartitions = async <T>(
  db: Handle,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work()
  } catch (fault) {
    if (!isPartitionMissing(fault)) throw fault
  }
  try {
    await attempt(db.execute(sql`select make_ledger_partitions((now() at time zone 'UTC')::date)`))
  } catch (fault) {
    throw noPartition(fault)
  }
  try {
    return await work()
  } catch (fault) {
    throw isPartitionMissing(fault) ? noPartition(fault) : fault
  }
}

const noPartition = (cause: unknown): Unavailable =>
  new Unavailable('the ledger has no partition for this day, and it could not be made', 1, {
    cause,
  })
