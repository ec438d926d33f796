import type { Brand } from '../shared/ids.ts'

/** The name of a consumer of user events. It is one token of a NATS subject. */
export type ConsumerName = Brand<'ConsumerName'>

export const CONSUMER_NAME_PATTERN = '^[A-Za-z0-9_-]{1,64}$'

const ONE_TOKEN = new RegExp(CONSUMER_NAME_PATTERN)

/** Null for text that could be several tokens of a subject, or a wildcard. */
export const parseConsumerName = (text: string): ConsumerName | null =>
  ONE_TOKEN.test(text) ? (text as ConsumerName) : null

/** The subject that only this consumer reads. */
export const directSubjectOf = (consumer: ConsumerName): string => `direct.user.events.${consumer}`

/** The subject on which this consumer publishes its dead letters. */
export const deadLetterSubjectOf = (consumer: ConsumerName): string => `dlq.user.events.${consumer}`
