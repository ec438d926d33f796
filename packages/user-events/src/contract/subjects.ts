/** The versions of the contract. */
export type SchemaVersion = 1 | 2

export const USER_EVENT_SUBJECTS = ['user.events', 'user.events.v1', 'user.events.v2'] as const
export type UserEventSubject = (typeof USER_EVENT_SUBJECTS)[number]

/** The subject of each version, unless the service publishes it elsewhere. */
export const SUBJECT_OF = { 1: 'user.events', 2: 'user.events.v2' } as const satisfies Record<
  SchemaVersion,
  UserEventSubject
>

/** The streams that the service keeps. */
export const STREAMS = {
  events: 'USER_EVENTS',
  direct: 'USER_EVENTS_DIRECT',
  deadLetters: 'USER_EVENTS_DLQ',
} as const

// One token of a subject that is also allowed as the name of a durable consumer.
const CONSUMER_NAME = /^[A-Za-z0-9_-]{1,64}$/

/** Whether the text can be the name of a consumer: 1 to 64 letters, digits, `-` and `_`. */
export const isConsumerName = (name: string): boolean => CONSUMER_NAME.test(name)

/**
 * The subject that only this consumer reads: replays, snapshots and redriven dead letters. Messages of replays and snapshots
 * have the newest version unless the operator chooses another; readers of an older version understand it too. A redriven
 * message has the version that it had before.
 */
export const directSubject = (consumer: string): string => `direct.user.events.${named(consumer)}`

/** The subject on which a consumer publishes its dead letters. */
export const deadLetterSubject = (consumer: string): string => `dlq.user.events.${named(consumer)}`

const named = (consumer: string): string => {
  if (isConsumerName(consumer)) return consumer
  throw new TypeError('a consumer is named by 1 to 64 letters, digits, - and _')
}
