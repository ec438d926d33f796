import type { UserEventV1 } from './user-event-v1.generated.ts'
import type { UserEventV2 } from './user-event-v2.generated.ts'

/** What version 2 tells and version 1 does not. */
export type OnlyInVersion2 = Omit<UserEventV2, keyof UserEventV1 | 'schemaVersion'>

/** The event as version 1 has it; fields that neither version knows are left out. */
export const toVersion1 = (event: UserEventV2): UserEventV1 => sharedFields(event)

/** The event as version 2 has it. Nothing is guessed: whoever casts must know what version 1 does not tell. */
export const toVersion2 = (event: UserEventV1, more: OnlyInVersion2): UserEventV2 => ({
  ...sharedFields(event),
  schemaVersion: 2,
  eventId: more.eventId,
  version: more.version,
  changed: more.changed,
  emailVerified: more.emailVerified,
})

const sharedFields = (event: UserEventV1): UserEventV1 => ({
  id: event.id,
  email: event.email,
  username: event.username,
  displayName: event.displayName,
  avatar: event.avatar,
  role: event.role,
  isActive: event.isActive,
  action: event.action,
  timestamp: event.timestamp,
})
