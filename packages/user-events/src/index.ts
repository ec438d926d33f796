export type { OnlyInVersion2 } from './casts.ts'
export { toVersion1, toVersion2 } from './casts.ts'
export { consumeUserEvents } from './consume-user-events.ts'
export type {
  ConsumeOptions,
  ConsumerLimits,
  ConsumerObserver,
  ConsumerResult,
  ConsumerTrouble,
  ConsumeUserEvents,
  UserEventConsumer,
} from './consumer.ts'
export { DEFAULT_LIMITS } from './consumer.ts'
export type { DeadLetterNote, DeadLetterReason } from './dead-letter.ts'
export { DEAD_LETTER_REASONS, readDeadLetter, redriven, writeDeadLetter } from './dead-letter.ts'
export type { Decoded } from './decode.ts'
export { decode } from './decode.ts'
export { encode } from './encode.ts'
export { encodeVersion1 } from './encode-version-1.ts'
export { encodeVersion2 } from './encode-version-2.ts'
export type { Envelope, UserChange } from './envelope.ts'
export type { Verdict } from './judge.ts'
export { judge } from './judge.ts'
export type { MemoryTransaction } from './memory-store.ts'
export { makeMemoryStore } from './memory-store.ts'
export type { PostgresClient } from './postgres-store.ts'
export { makePostgresStore, POSITIONS_TABLE } from './postgres-store.ts'
export type { Position, Store } from './store.ts'
export type { SchemaVersion, UserEventSubject } from './subjects.ts'
export {
  deadLetterSubject,
  directSubject,
  isConsumerName,
  STREAMS,
  SUBJECT_OF,
  USER_EVENT_SUBJECTS,
} from './subjects.ts'
export type { UserAction, UserEvent, UserEventData, UserRole } from './user-event.ts'
export type { UserEventV1 } from './user-event-v1.generated.ts'
export { USER_EVENT_V1_SCHEMA } from './user-event-v1.generated.ts'
export type { UserEventV2 } from './user-event-v2.generated.ts'
export { USER_EVENT_V2_SCHEMA } from './user-event-v2.generated.ts'
export type { WireMessage } from './wire-message.ts'
