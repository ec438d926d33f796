import type { EventId } from '../../../domain/shared/ids.ts'
import type { EventMessage } from './event-publisher.ts'

/** A service that is told about each change directly, one request a change, and answers when it has it. */
export type EventReceiver = {
  /** False while it is left in peace, since it has failed too often lately. */
  isReady(): boolean
  /**
   * Resolves once the receiver has this change, or said that it has a newer one (`alreadyNewer`).
   * @throws PublishFailure
   */
  tell(eventId: EventId, message: EventMessage): Promise<{ readonly alreadyNewer: boolean }>
}
