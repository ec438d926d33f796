import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

/** A user acts on the own account. */
export type OwnAccountAction =
  | 'user.registered'
  | 'user.deleted'
  | 'sign-in.succeeded'
  | 'session.ended'
  | 'session.all-ended'
  | 'session.reauthenticated'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'password.changed'

/** A request that was refused, from a client that did not prove who it is. */
export type RefusedAction = 'sign-in.failed' | 'security.refresh_reuse' | 'security.code_replay'

/** The service, its owner or an administrator acts. */
export type OperatorAction =
  | 'admin.created'
  | 'user.unlocked'
  | 'keys.changed'
  | 'limits.split'
  | 'limits.shared'
  | 'events.replayed'
  | 'events.discarded'
  | 'events.snapshot'
  | 'events.rebased'
  | 'sync.changed'
  | 'dead-letters.redriven'
  | 'dead-letters.dismissed'

export type AuditAction = OwnAccountAction | RefusedAction | OperatorAction

export type AuditEntry = {
  readonly action: AuditAction
  readonly result: 'ok' | 'refused'
  /** Who did it; null for the service, its owner, and a client that did not prove who it is. */
  readonly actorId: UserId | null
  /** The user that the action was about; null when it was about no single user. */
  readonly subjectId: UserId | null
  readonly sessionId?: SessionId | null
  readonly addressPrefix: AddressPrefix | null
  /** HMAC of the identifier that was submitted at a failed sign-in. */
  readonly identifierMac?: string | null
  /** What exactly was done, and why, where the action alone does not say it. */
  readonly details?: string | null
  readonly at: Date
}

/** Append-only record of security events. The adapter adds the trace id of the request. */
export type AuditTrail = { append(entry: AuditEntry): Promise<void> }
