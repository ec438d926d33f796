import type { UserId } from '../shared/ids.ts'
import type { Avatar } from './avatar.ts'
import type { DisplayName } from './display-name.ts'
import type { Email } from './email.ts'
import type { Role } from './role.ts'
import type { Username } from './username.ts'

/** The part of a user that events and answers contain. It never contains a secret. */
export type PublishedState = {
  readonly email: Email | null
  readonly emailVerified: boolean
  readonly username: Username
  readonly displayName: DisplayName | null
  readonly avatar: Avatar | null
  readonly role: Role
  readonly isActive: boolean
}

/**
 * A user at one version. Every change of the published state raises the version by one. Only the version orders the
 * changes; the instants do not.
 */
export type User = PublishedState & {
  readonly id: UserId
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly version: number
}

export type PublishedField = keyof PublishedState

/** The published state of a user who has just registered with an email address and a password. */
export const registeredState = (
  email: Email,
  username: Username,
  displayName: DisplayName | null,
): PublishedState => ({
  email,
  emailVerified: false,
  username,
  displayName,
  avatar: null,
  role: 'user',
  isActive: true,
})

/** The published state of a user who signs in through a provider for the first time. */
export const stateFromProvider = (
  person: Pick<PublishedState, 'email' | 'emailVerified' | 'username' | 'displayName' | 'avatar'>,
): PublishedState => ({ ...person, role: 'user', isActive: true })

export type ProfileChange = Partial<Pick<PublishedState, 'username' | 'displayName' | 'avatar'>>

export const publishedState = (user: User): PublishedState => ({
  email: user.email,
  emailVerified: user.emailVerified,
  username: user.username,
  displayName: user.displayName,
  avatar: user.avatar,
  role: user.role,
  isActive: user.isActive,
})

/** The names of the fields that differ, in the order of the published state. Empty when there is nothing to announce. */
export const changedFields = (before: PublishedState, after: PublishedState): PublishedField[] =>
  (Object.keys(before) as PublishedField[]).filter((field) => before[field] !== after[field])

/** True when no active administrator would be left without this user. */
export const isLastAdmin = (user: User, activeAdmins: number): boolean =>
  user.role === 'admin' && user.isActive && activeAdmins <= 1
