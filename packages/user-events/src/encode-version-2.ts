import { version1Of } from './encode-version-1.ts'
import type { Envelope, UserChange } from './envelope.ts'
import { envelopeHeaders } from './envelope.ts'
import type { UserEventV2 } from './user-event-v2.generated.ts'
import type { WireMessage } from './wire-message.ts'

/** The message of a change in version 2: the fields of version 1 in their order, then those that are new. */
export const encodeVersion2 = (change: UserChange, envelope: Envelope): WireMessage => {
  const event: UserEventV2 = {
    ...version1Of(change),
    schemaVersion: 2,
    eventId: change.eventId,
    version: change.version,
    changed: change.changed,
    emailVerified: change.emailVerified,
  }
  return {
    headers: envelopeHeaders(change, envelope, 2),
    body: new TextEncoder().encode(JSON.stringify(event)),
  }
}
