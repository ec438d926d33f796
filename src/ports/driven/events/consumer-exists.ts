import type { ConsumerName } from '../../../domain/events/consumer-name.ts'

/**
 * Whether somebody reads the user events under this name, as a durable consumer.
 * @throws Unavailable
 */
export type ConsumerExists = (consumer: ConsumerName) => Promise<boolean>
