import type { UserEventV1 } from '../contract/user-event-v1.generated.ts'
import type { UserEventV2 } from '../contract/user-event-v2.generated.ts'

/** The fields that only version 2 has. */
export type OnlyInVersion2 = Omit<UserEventV2, keyof UserEventV1 | 'schemaVersion'>

/** The event in version 1. Fields that neither version knows are left out. */
export const toVersion1 = (event: UserEventV2): UserEventV1 => sharedFields(event)

/** The event in version 2. The caller has to supply the fields that version 1 lacks. */
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
