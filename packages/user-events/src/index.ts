export type { OnlyInVersion2 } from './codec/convert-version.ts'
export { toVersion1, toVersion2 } from './codec/convert-version.ts'
export type { DeadLetterNote, DeadLetterReason } from './codec/dead-letter.ts'
export {
  DEAD_LETTER_REASONS,
  readDeadLetter,
  redriven,
  writeDeadLetter,
} from './codec/dead-letter.ts'
export type { Decoded } from './codec/decode.ts'
export { decode } from './codec/decode.ts'
export type { Envelope, UserChange } from './codec/encode.ts'
export { encode, encodeVersion1, encodeVersion2 } from './codec/encode.ts'
export { consumeUserEvents } from './consumer/consume-user-events.ts'
export type {
  ConsumeOptions,
  ConsumerLimits,
  ConsumerObserver,
  ConsumerResult,
  ConsumerTrouble,
  ConsumeUserEvents,
  DeliverFrom,
  HandlerContext,
  UserEventConsumer,
} from './consumer/consumer-options.ts'
export { DEFAULT_LIMITS } from './consumer/consumer-options.ts'
export type { Verdict } from './consumer/judge.ts'
export { judge } from './consumer/judge.ts'
export type { SchemaVersion, UserEventSubject } from './contract/subjects.ts'
export {
  deadLetterSubject,
  directSubject,
  isConsumerName,
  STREAMS,
  SUBJECT_OF,
  USER_EVENT_SUBJECTS,
} from './contract/subjects.ts'
export type { UserAction, UserEvent, UserEventData, UserRole } from './contract/user-event.ts'
export type { UserEventV1 } from './contract/user-event-v1.generated.ts'
export { USER_EVENT_V1_SCHEMA } from './contract/user-event-v1.generated.ts'
export type { UserEventV2 } from './contract/user-event-v2.generated.ts'
export { USER_EVENT_V2_SCHEMA } from './contract/user-event-v2.generated.ts'
export type { WireMessage } from './contract/wire-message.ts'
export type { MemoryTransaction } from './stores/memory-store.ts'
export { makeMemoryStore } from './stores/memory-store.ts'
export type { PostgresClient } from './stores/postgres-store.ts'
export { makePostgresStore, POSITIONS_TABLE } from './stores/postgres-store.ts'
export type { Position, Store } from './stores/store.ts'
