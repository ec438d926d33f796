/** Housekeeping of the database. Each call can be repeated, and run on several instances at once. @throws Unavailable */
export type Maintenance = {
  /** Makes the ledger's partitions for the next seven days. Drops those older than 14 days without waiting deliveries. */
  keepPartitions(now: Date): Promise<void>
  /** Removes sessions that ended or expired over a day ago; answers how many. */
  removeDeadSessions(now: Date): Promise<number>
  /** Removes idempotency keys older than 24 hours; answers how many. */
  removeIdempotencyKeys(now: Date): Promise<number>
}
