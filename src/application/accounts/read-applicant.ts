import { parseDisplayName } from '../../domain/accounts/display-name.ts'
import { parseEmail } from '../../domain/accounts/email.ts'
import type { PublishedState } from '../../domain/accounts/user.ts'
import { registered } from '../../domain/accounts/user.ts'
import type { Password } from '../../domain/passwords/password.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { UsernameForms } from '../../ports/driven/accounts/users.ts'
import type {
  FieldProblem,
  InvalidFields,
  Registration,
  WeakPassword,
} from '../../ports/driving/accounts/accounts.ts'
import type { ChoosePassword } from '../passwords/choose-password.ts'
import type { ChooseUsername } from './choose-username.ts'

type Needs = { readonly choosePassword: ChoosePassword; readonly chooseUsername: ChooseUsername }

export type Applicant = {
  readonly state: PublishedState
  readonly forms: UsernameForms
  readonly password: Password
}

type Names = Pick<Registration, 'email' | 'username' | 'displayName' | 'password'>

/** Reads what somebody registers with: all malformed fields at once, then the password, which depends on the names. */
export const makeReadApplicant =
  ({ choosePassword, chooseUsername }: Needs) =>
  (names: Names): Result<Applicant, InvalidFields | WeakPassword> => {
    const email = parseEmail(names.email)
    const chosen = chooseUsername(names.username)
    const displayName = names.displayName === null ? ok(null) : parseDisplayName(names.displayName)
    if (!email.ok || !chosen.ok || !displayName.ok) {
      const problems: FieldProblem[] = []
      if (!email.ok) problems.push({ field: 'email', code: email.refusal })
      if (!chosen.ok) problems.push({ field: 'username', code: chosen.refusal })
      if (!displayName.ok) problems.push({ field: 'displayName', code: displayName.refusal })
      return fail({ kind: 'invalid-request', problems })
    }
    const { username, forms } = chosen.value
    const password = choosePassword(names.password, 'password', { email: email.value, username })
    if (!password.ok) return password
    const state = registered(email.value, username, displayName.value)
    return ok({ state, forms, password: password.value })
  }
