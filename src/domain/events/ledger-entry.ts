import type { Channel, UserEvent } from './user-event.ts'

/** What has become of one event on one channel. */
export type DeliveryState = {
  readonly channel: Channel
  /** `superseded` was never sent, because a newer version of the same user was. */
  readonly state: 'pending' | 'standby' | 'parked' | 'acknowledged' | 'superseded' | 'discarded'
  readonly attempts: number
  readonly ackedAt: Date | null
  readonly streamSequence: number | null
  readonly lastError: string | null
}

/** One committed change and all its deliveries. */
export type LedgerEntry = {
  readonly event: UserEvent
  readonly deliveries: readonly DeliveryState[]
}
