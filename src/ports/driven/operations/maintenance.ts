/** Housekeeping of the stores. Each call is safe to repeat and to run on several instances at once. */
export type Maintenance = {
  /** Makes the ledger's partitions for the next seven days and drops those older than 14 days that owe nothing. */
  keepPartitions(now: Date): Promise<void>
  /** Removes sessions that ended or expired over a day ago; answers how many. */
  removeDeadSessions(now: Date): Promise<number>
  /** Removes idempotency keys older than 24 hours; answers how many. */
  removeIdempotencyKeys(now: Date): Promise<number>
}
