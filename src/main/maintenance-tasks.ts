import type { Maintenance } from '../ports/driven/operations/maintenance.ts'
import type { Clock } from '../ports/driven/shared/clock.ts'
import type { Log } from '../ports/driven/shared/log.ts'
import type { ScheduledTask } from './scheduler.ts'

const HOUR = 3600
const QUARTER = 900

/** What has to be tidied up, and how often. Partitions are made a week ahead, so hours of failure do no harm. */
export const maintenanceTasks = (
  maintenance: Maintenance,
  clock: Clock,
  log: Log,
): readonly ScheduledTask[] => {
  const counted = (name: string, remove: (now: Date) => Promise<number>): ScheduledTask => ({
    name,
    everySeconds: QUARTER,
    run: async () => {
      const removed = await remove(clock())
      if (removed > 0) log('info', 'maintenance.done', { task: name, removed })
    },
  })
  return [
    {
      name: 'ledger-partitions',
      everySeconds: HOUR,
      run: () => maintenance.keepPartitions(clock()),
    },
    counted('dead-sessions', maintenance.removeDeadSessions),
    counted('idempotency-keys', maintenance.removeIdempotencyKeys),
  ]
}
