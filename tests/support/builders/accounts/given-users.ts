import type { Avatar } from '../../../../src/domain/accounts/avatar.ts'
import { parseAvatar } from '../../../../src/domain/accounts/avatar.ts'
import type { DisplayName } from '../../../../src/domain/accounts/display-name.ts'
import { parseDisplayName } from '../../../../src/domain/accounts/display-name.ts'
import type { Email } from '../../../../src/domain/accounts/email.ts'
import { parseEmail } from '../../../../src/domain/accounts/email.ts'
import type { User } from '../../../../src/domain/accounts/user.ts'
import { registeredState } from '../../../../src/domain/accounts/user.ts'
import type { Username } from '../../../../src/domain/accounts/username.ts'
import { parseUsername } from '../../../../src/domain/accounts/username.ts'
import type { Password } from '../../../../src/domain/passwords/password.ts'
import { parsePassword } from '../../../../src/domain/passwords/password.ts'
import type { Result } from '../../../../src/domain/shared/result.ts'
import { givenUserId } from '../events/given-events.ts'
import { START } from '../sessions/given-sessions.ts'

/** The password of every user that a builder registers. */
export const PASSWORD = 'four quiet lanterns drift'

export const givenPassword = (text = PASSWORD): Password => {
  const password = parsePassword(text)
  if (password === null)
    throw new Error('the parser refused the text that a test builder was given')
  return password
}

const proven = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error('the parser refused the text that a test builder was given')
  return result.value
}

export const givenEmail = (text = 'john@example.com'): Email => proven(parseEmail(text))
export const givenUsername = (text = 'john'): Username => proven(parseUsername(text))
export const givenDisplayName = (text = 'John Doe'): DisplayName => proven(parseDisplayName(text))
export const givenAvatar = (text = 'https://cdn.example.com/j.png'): Avatar =>
  proven(parseAvatar(text))

/** A user who has just registered, with the given changes. */
export const givenUser = (changes: Partial<User> = {}): User => ({
  ...registeredState(givenEmail(), givenUsername(), givenDisplayName()),
  id: givenUserId(1),
  createdAt: START,
  updatedAt: START,
  version: 1,
  ...changes,
})
