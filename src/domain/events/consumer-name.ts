import type { Brand } from '../shared/ids.ts'

/** The name of a consumer of user events: one token of a subject. */
export type ConsumerName = Brand<'ConsumerName'>

const ONE_TOKEN = /^[A-Za-z0-9_-]{1,64}$/

/** Null for anything that could be more than one token of a subject, or a pattern. */
export const parseConsumerName = (text: string): ConsumerName | null =>
  ONE_TOKEN.test(text) ? (text as ConsumerName) : null

/** The subject that this consumer alone reads. */
export const directSubjectOf = (consumer: ConsumerName): string => `direct.user.events.${consumer}`

/** The subject that this consumer hands its dead letters in on. */
export const deadLetterSubjectOf = (consumer: ConsumerName): string => `dlq.user.events.${consumer}`
