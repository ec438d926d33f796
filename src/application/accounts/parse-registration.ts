import { parseDisplayName } from '../../domain/accounts/display-name.ts'
import { parseEmail } from '../../domain/accounts/email.ts'
import type { PublishedState } from '../../domain/accounts/user.ts'
import { registeredState } from '../../domain/accounts/user.ts'
import type { Password } from '../../domain/passwords/password.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { UsernameForms } from '../../ports/driven/accounts/users.ts'
import type { Registration } from '../../ports/driving/accounts/accounts.ts'
import type { WeakPassword } from '../../ports/driving/passwords/passwords.ts'
import type { FieldProblem, InvalidFields } from '../../ports/driving/shared/invalid-fields.ts'
import type { ChoosePassword } from '../passwords/choose-password.ts'
import type { ChooseUsername } from './choose-username.ts'

type Needs = { readonly choosePassword: ChoosePassword; readonly chooseUsername: ChooseUsername }

export type ParsedRegistration = {
  readonly state: PublishedState
  readonly forms: UsernameForms
  readonly password: Password
}

/**
 * Parses what somebody registers with. A refusal lists all malformed fields. The password is checked last, because
 * the check needs the email address and the username.
 */
export const makeParseRegistration =
  ({ choosePassword, chooseUsername }: Needs) =>
  (
    registration: Omit<Registration, 'idempotencyKey'>,
  ): Result<ParsedRegistration, InvalidFields | WeakPassword> => {
    const email = parseEmail(registration.email)
    const chosen = chooseUsername(registration.username)
    const displayName =
      registration.displayName === null ? ok(null) : parseDisplayName(registration.displayName)
    if (!email.ok || !chosen.ok || !displayName.ok) {
      const problems: FieldProblem[] = []
      if (!email.ok) problems.push({ field: 'email', code: email.refusal })
      if (!chosen.ok) problems.push({ field: 'username', code: chosen.refusal })
      if (!displayName.ok) problems.push({ field: 'displayName', code: displayName.refusal })
      return fail({ kind: 'invalid-request', problems })
    }
    const { username, forms } = chosen.value
    const owner = { email: email.value, username }
    const password = choosePassword(registration.password, 'password', owner)
    if (!password.ok) return password
    const state = registeredState(email.value, username, displayName.value)
    return ok({ state, forms, password: password.value })
  }
