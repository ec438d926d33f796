import type { Session } from '../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import type { AuditAction, AuditEntry } from '../../ports/driven/audit/audit-trail.ts'

/** The record of a session that its user has begun, by the action of the given name. */
export const ownBeginning = (
  action: AuditAction,
  { id, userId, createdAt }: Session,
  addressPrefix: AddressPrefix,
): AuditEntry => ({
  ...{ action, result: 'ok', actorId: userId, subjectId: userId },
  ...{ sessionId: id, addressPrefix, at: createdAt },
})
