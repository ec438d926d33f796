import type { ConsumerName } from '../../domain/consumer-name.ts'
import type { UserEventSubject } from '../../domain/user-event.ts'

/**
 * Which subject a consumer reads, and so which version of the events it understands; null when that is not known here.
 * @throws Unavailable
 */
export type ConsumerSubject = (consumer: ConsumerName) => Promise<UserEventSubject | null>
