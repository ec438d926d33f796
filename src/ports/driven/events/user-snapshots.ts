import type { UserEvent } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'

/** All users as they are now. */
export type UserSnapshots = {
  /**
   * Up to `limit` users behind this one in the order of their ids, each as the event of its present version: under the
   * id that this event has in the ledger, however long ago that was. What changed with it is not told.
   */
  page(after: UserId | null, limit: number): Promise<UserEvent[]>
  count(): Promise<number>
}
