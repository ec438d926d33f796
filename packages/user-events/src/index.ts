export { encodeVersion1 } from './encode-version-1.ts'
export type { Envelope, UserChange } from './envelope.ts'
export type { UserAction, UserEventV1, UserRole } from './user-event-v1.ts'
