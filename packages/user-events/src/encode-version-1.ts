import type { Envelope, UserChange } from './envelope.ts'
import { envelopeHeaders } from './envelope.ts'
import type { UserEventV1 } from './user-event-v1.ts'

/**
 * The message of a change in version 1. Same input, same bytes. Each field is named here, so that nothing which the
 * given object happens to hold besides can leave.
 */
export const encodeVersion1 = (
  change: UserChange,
  envelope: Envelope,
): { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array } => {
  const event: UserEventV1 = {
    id: change.userId,
    email: change.email,
    username: change.username,
    displayName: change.displayName,
    avatar: change.avatar,
    role: change.role,
    isActive: change.isActive,
    action: change.action,
    timestamp: change.occurredAt.toISOString(),
  }
  return {
    headers: envelopeHeaders(change, envelope, 1),
    body: new TextEncoder().encode(JSON.stringify(event)),
  }
}
