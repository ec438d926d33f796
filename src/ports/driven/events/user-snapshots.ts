import type { UserEvent } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** All users as they are now. */
export type UserSnapshots = {
  /**
   * Up to `limit` users after the given id, in the order of their ids. Each comes as the event of its present version,
   * under the id that this event has in the ledger, even if the ledger no longer holds it. `changed` is always empty.
   */
  page(after: UserId | null, limit: number): Promise<UserEvent[]>
  count(): Promise<number>
}
