import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import type { SessionId, UserId } from '../../../domain/shared/ids.ts'

export type AuditAction =
  | 'user.registered'
  | 'user.deleted'
  | 'sign-in.succeeded'
  | 'sign-in.failed'
  | 'session.ended'
  | 'session.all-ended'
  | 'session.reauthenticated'
  | 'security.refresh_reuse'
  | 'security.code_replay'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'password.changed'
  | 'admin.created'
  | 'keys.changed'
  | 'limits.split'
  | 'limits.shared'
  | 'events.replayed'
  | 'events.discarded'
  | 'sync.changed'
  | 'events.snapshot'
  | 'events.rebased'
  | 'dead-letters.redriven'

export type AuditEntry = {
  readonly action: AuditAction
  readonly result: 'ok' | 'refused'
  /** Who did it; null when nobody has proved to be anybody. */
  readonly actorId: UserId | null
  /** Whom it was done to. */
  readonly subjectId: UserId | null
  readonly sessionId?: SessionId | null
  readonly addressPrefix: AddressPrefix | null
  /** HMAC of what was submitted as identifier, where no user is known. */
  readonly identifierMac?: string | null
  /** What exactly was done, and why, where the action alone does not say it. */
  readonly details?: string | null
  readonly at: Date
}

/** Append-only record of security events; the trace id is added by the adapter. */
export type AuditTrail = { append(entry: AuditEntry): Promise<void> }
