import type { Registry } from 'prom-client'
import type { Channel } from '../../domain/events/user-event.ts'
import { secondsBetween } from '../../domain/shared/instants.ts'
import type { Backlog } from '../../ports/driven/events/deliveries.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import { gauge } from './instruments.ts'

/** What the outbox owes on each channel. The age of the oldest goes on rising while nobody reports. */
export const makeBacklogGauges = (registry: Registry, clock: Clock) => {
  const backlogs = new Map<Channel, Backlog>()
  const show = (name: string, help: string, read: (backlog: Backlog) => number) =>
    gauge(registry, name, help, ['channel'], (shown) => {
      for (const [channel, backlog] of backlogs) shown.set({ channel }, read(backlog))
    })
  show('auth_deliveries_pending', 'Deliveries that wait', ({ pending }) => pending)
  show('auth_deliveries_parked', 'Deliveries set aside for a person', ({ parked }) => parked)
  show(
    'auth_deliveries_oldest_pending_seconds',
    'Age of the oldest delivery that waits, 0 when none does',
    ({ oldestPendingAt }) =>
      oldestPendingAt === null ? 0 : Math.max(0, secondsBetween(oldestPendingAt, clock())),
  )
  return {
    set: (channel: Channel, backlog: Backlog): void => {
      backlogs.set(channel, backlog)
    },
  }
}
