import { parseDisplayName } from '../../domain/accounts/display-name.ts'
import { parseEmail } from '../../domain/accounts/email.ts'
import type { PublishedState } from '../../domain/accounts/user.ts'
import { registeredState } from '../../domain/accounts/user.ts'
import type { Password } from '../../domain/passwords/password.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { UsernameForms } from '../../ports/driven/accounts/users.ts'
import type { CheckRegistration, Registration } from '../../ports/driving/accounts/accounts.ts'
import type { WeakPassword } from '../../ports/driving/passwords/passwords.ts'
import type { FieldProblem, InvalidFields } from '../../ports/driving/shared/invalid-fields.ts'
import type { ChoosePassword } from '../passwords/choose-password.ts'
import { passwordProblems } from '../passwords/choose-password.ts'
import type { ChooseUsername } from './choose-username.ts'

type Needs = { readonly choosePassword: ChoosePassword; readonly chooseUsername: ChooseUsername }

export type ParsedRegistration = {
  readonly state: PublishedState
  readonly forms: UsernameForms
  readonly password: Password
}

/**
 * Parses what somebody registers with. A refusal lists all malformed fields, a weak password among them. A password
 * that is the only fault is refused as weak.
 */
export const makeParseRegistration = (needs: Needs) => {
  const parseFields = makeParseFields(needs)
  return (registration: Fields): Result<ParsedRegistration, InvalidFields | WeakPassword> => {
    const { email, chosen, displayName, password } = parseFields(registration)
    if (!email.ok || !chosen.ok || !displayName.ok) {
      const problems = problemsOf({ email, chosen, displayName, password })
      return fail({ kind: 'invalid-request', problems })
    }
    if (!password.ok) return password
    const { username, forms } = chosen.value
    const state = registeredState(email.value, username, displayName.value)
    return ok({ state, forms, password: password.value })
  }
}

/** See `CheckRegistration`. */
export const makeCheckRegistration = (needs: Needs): CheckRegistration => {
  const parseFields = makeParseFields(needs)
  return (given) => {
    const problems = problemsOf(parseFields({ ...NO_FIELDS, ...given }))
    return problems.filter(({ field }) => field in given)
  }
}

type Fields = Omit<Registration, 'idempotencyKey'>

const NO_FIELDS: Fields = { email: '', username: '', password: '', displayName: null }

/** Parses every field. The password is compared with the names that are valid. */
const makeParseFields =
  ({ choosePassword, chooseUsername }: Needs) =>
  (fields: Fields) => {
    const email = parseEmail(fields.email)
    const chosen = chooseUsername(fields.username)
    const displayName =
      fields.displayName === null ? ok(null) : parseDisplayName(fields.displayName)
    const owner = {
      email: email.ok ? email.value : null,
      username: chosen.ok ? chosen.value.username : '',
    }
    const password = choosePassword(fields.password, 'password', owner)
    return { email, chosen, displayName, password }
  }

const problemsOf = ({
  email,
  chosen,
  displayName,
  password,
}: ReturnType<ReturnType<typeof makeParseFields>>): readonly FieldProblem[] => {
  const problems: FieldProblem[] = []
  if (!email.ok) problems.push({ field: 'email', code: email.refusal })
  if (!chosen.ok) problems.push({ field: 'username', code: chosen.refusal })
  if (!displayName.ok) problems.push({ field: 'displayName', code: displayName.refusal })
  if (!password.ok) problems.push(...passwordProblems(password.refusal))
  return problems
}
