import { parseAvatar } from '../../domain/accounts/avatar.ts'
import { parseDisplayName } from '../../domain/accounts/display-name.ts'
import { parseEmail } from '../../domain/accounts/email.ts'
import type { PublishedState } from '../../domain/accounts/user.ts'
import { changedFields, registeredState } from '../../domain/accounts/user.ts'
import { parseUsername } from '../../domain/accounts/username.ts'
import type { UserAction, UserEvent } from '../../domain/events/user-event.ts'
import type { EventId, UserId } from '../../domain/shared/ids.ts'
import { parseEventId, parseUserId } from '../../domain/shared/ids.ts'
import type { Result } from '../../domain/shared/result.ts'

/** The samples below pass the same parsers as the input of users. */
const valid = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(`a sample is wrong: ${String(result.refusal)}`)
  return result.value
}
const present = <T>(value: T | null): T => {
  if (value === null) throw new Error('a sample is wrong')
  return value
}

const USER_ID: UserId = present(parseUserId('0198f3a2-0000-7000-8000-000000000001'))
const eventId = (version: number): EventId =>
  present(parseEventId(`0198f3a2-0000-7000-9000-${String(version).padStart(12, '0')}`))

const REGISTERED = registeredState(
  valid(parseEmail('user@example.com')),
  valid(parseUsername('johndoe')),
  valid(parseDisplayName('John Doe')),
)
const WITHOUT_EMAIL: PublishedState = { ...REGISTERED, email: null, displayName: null }
const UPDATED: PublishedState = {
  ...REGISTERED,
  displayName: valid(parseDisplayName('John “Johnny” Doe')),
  avatar: valid(parseAvatar('https://cdn.example.com/johndoe.png')),
}
const PROMOTED: PublishedState = { ...UPDATED, role: 'moderator' }
const DEACTIVATED: PublishedState = { ...PROMOTED, isActive: false }

/** A change of the sample user. `version` is also the number of the change. */
const change = (
  version: number,
  action: UserAction,
  before: PublishedState,
  state: PublishedState,
): UserEvent => ({
  eventId: eventId(version),
  userId: USER_ID,
  version,
  action,
  state,
  changed: changedFields(before, state),
  occurredAt: new Date(Date.UTC(2026, 10, 24, 0, 0, version)),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
})

/**
 * A sample change for each provider state that a contract may name. The names are part of the contract: new ones may be
 * added, none may be renamed.
 */
export const USER_STATES: ReadonlyMap<string, UserEvent> = new Map([
  ['user registered', change(1, 'created', REGISTERED, REGISTERED)],
  ['user registered without email', change(1, 'created', WITHOUT_EMAIL, WITHOUT_EMAIL)],
  ['user updated', change(2, 'updated', REGISTERED, UPDATED)],
  ['user role changed', change(3, 'updated', UPDATED, PROMOTED)],
  ['user deactivated', change(4, 'updated', PROMOTED, DEACTIVATED)],
  ['user deleted', change(5, 'deleted', DEACTIVATED, DEACTIVATED)],
])
