/** The versions of the contract that there are. */
export type SchemaVersion = 1 | 2

export const USER_EVENT_SUBJECTS = ['user.events', 'user.events.v1', 'user.events.v2'] as const
export type UserEventSubject = (typeof USER_EVENT_SUBJECTS)[number]

/** Where a version is published, unless the service says otherwise. */
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

/** Whether this can be the name of a consumer: letters, digits, `-` and `_`, at most 64. */
export const isConsumerName = (name: string): boolean => CONSUMER_NAME.test(name)

/**
 * What is meant for one consumer only: replays, snapshots, redriven dead letters. New messages on it are of the newest
 * version unless the operator says another; readers of an older one understand it too. A redriven one is what it was.
 */
export const directSubject = (consumer: string): string => `direct.user.events.${named(consumer)}`

/** Where a consumer hands in what it gave up on. */
export const deadLetterSubject = (consumer: string): string => `dlq.user.events.${named(consumer)}`

const named = (consumer: string): string => {
  if (isConsumerName(consumer)) return consumer
  throw new TypeError('a consumer is named by 1 to 64 letters, digits, - and _')
}
