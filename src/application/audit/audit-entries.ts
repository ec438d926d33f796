import type { Session } from '../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import type { UserId } from '../../domain/shared/ids.ts'
import type {
  AuditEntry,
  OperatorAction,
  OwnAccountAction,
  RefusedAction,
} from '../../ports/driven/audit/audit-trail.ts'
import type { UserContext } from '../../ports/driving/sessions/sessions.ts'

/** A user acts on the own account: the user is both the actor and the subject. The result is `ok` unless given. */
export const ownAccountEntry = (
  action: OwnAccountAction,
  user: UserId,
  rest: Pick<AuditEntry, 'addressPrefix' | 'at'> &
    Partial<Pick<AuditEntry, 'result' | 'sessionId' | 'details'>>,
): AuditEntry => ({
  action,
  result: 'ok',
  actorId: user,
  subjectId: user,
  ...rest,
})

/** A user registers or signs in, and a session starts with it. The entry has the instant of the session. */
export const sessionStartedEntry = (
  action: 'user.registered' | 'sign-in.succeeded',
  session: Session,
  addressPrefix: AddressPrefix,
): AuditEntry =>
  ownAccountEntry(action, session.userId, {
    sessionId: session.id,
    addressPrefix,
    at: session.createdAt,
  })

/**
 * A request was refused because the client did not prove who it is, so the entry has no actor. `subject` is the
 * account that the request was about; null when there is none.
 */
export const refusedEntry = (
  action: RefusedAction,
  subject: UserId | null,
  rest: Pick<AuditEntry, 'addressPrefix' | 'at'> &
    Partial<Pick<AuditEntry, 'sessionId' | 'identifierMac' | 'details'>>,
): AuditEntry => ({
  action,
  result: 'refused',
  actorId: null,
  subjectId: subject,
  ...rest,
})

/** The service itself or its owner at the command line acts: no user is the actor, and there is no client address. */
export const operatorEntry = (
  action: OperatorAction,
  rest: Pick<AuditEntry, 'at'> & Partial<Pick<AuditEntry, 'subjectId' | 'details'>>,
): AuditEntry => ({
  action,
  result: 'ok',
  actorId: null,
  subjectId: null,
  addressPrefix: null,
  ...rest,
})

/** An administrator acts over HTTP, or the owner at the command line; then `caller` is null. */
export const administratorEntry = (
  action: OperatorAction,
  caller: UserContext | null,
  rest: Pick<AuditEntry, 'subjectId' | 'details' | 'at'>,
): AuditEntry => ({
  action,
  result: 'ok',
  actorId: caller?.id ?? null,
  sessionId: caller?.session.id ?? null,
  addressPrefix: caller?.session.addressPrefix ?? null,
  ...rest,
})
