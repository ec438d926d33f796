import type { Envelope, UserChange } from './envelope.ts'
import { envelopeHeaders } from './envelope.ts'
import type { UserEventV1 } from './user-event-v1.generated.ts'
import type { WireMessage } from './wire-message.ts'

/**
 * The message of a change in version 1. Same input, same bytes. Each field is named here, so that nothing which the
 * given object happens to hold besides can leave.
 */
export const encodeVersion1 = (change: UserChange, envelope: Envelope): WireMessage => ({
  headers: envelopeHeaders(change, envelope, 1),
  body: new TextEncoder().encode(JSON.stringify(version1Of(change))),
})

export const version1Of = (change: UserChange): UserEventV1 => ({
  id: change.userId,
  email: change.email,
  username: change.username,
  displayName: change.displayName,
  avatar: change.avatar,
  role: change.role,
  isActive: change.isActive,
  action: change.action,
  timestamp: change.occurredAt.toISOString(),
})
