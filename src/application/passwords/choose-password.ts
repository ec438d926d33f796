import type { Email } from '../../domain/accounts/email.ts'
import { localPart } from '../../domain/accounts/email.ts'
import type { Password, PasswordWeakness } from '../../domain/passwords/password.ts'
import {
  checkLength,
  isFarTooLong,
  isMadeOfNames,
  PASSWORD_MAXIMUM,
  parsePassword,
} from '../../domain/passwords/password.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { PasswordBlocklist } from '../../ports/driven/passwords/passwords.ts'
import type { ReadPasswordRules, WeakPassword } from '../../ports/driving/passwords/passwords.ts'
import type { FieldProblem, InvalidFields } from '../../ports/driving/shared/invalid-fields.ts'

type Needs = {
  readonly blocklist: PasswordBlocklist
  /** In Unicode code points. */
  readonly minimumLength: number
  /** The names of the service. A password that consists of them is easy to guess. */
  readonly serviceNames: readonly string[]
}

export type ChoosePassword = (
  text: string,
  field: WeakPassword['field'],
  owner: { readonly email: Email | null; readonly username: string },
) => Result<Password, WeakPassword | InvalidFields>

/**
 * Accepts or refuses a new password. It refuses malformed text, passwords that are too short or too long, common
 * passwords, and passwords that consist of the user's or the service's names. There are no other rules.
 */
export const makeChoosePassword =
  ({ blocklist, minimumLength, serviceNames }: Needs): ChoosePassword =>
  (text, field, { email, username }) => {
    const weak = (weakness: PasswordWeakness) =>
      fail({ kind: 'weak-password', field, weakness, ...limitOf(weakness, minimumLength) } as const)
    if (isFarTooLong(text)) return weak('too-long')
    const password = parsePassword(text)
    if (password === null)
      return fail({ kind: 'invalid-request', problems: [{ field, code: 'not-text' }] })
    const sized = checkLength(password, minimumLength)
    if (!sized.ok) return weak(sized.refusal)
    if (blocklist.has(password)) return weak('too-common')
    const names = [...serviceNames, username, ...(email === null ? [] : [email, localPart(email)])]
    return isMadeOfNames(password, names) ? weak('made-of-names') : ok(password)
  }

const limitOf = (
  weakness: PasswordWeakness,
  minimumLength: number,
): Pick<WeakPassword, 'limit'> => {
  if (weakness === 'too-short') return { limit: minimumLength }
  return weakness === 'too-long' ? { limit: PASSWORD_MAXIMUM } : {}
}

/** A refused password as one of the fields of a request. */
export const passwordProblems = (refusal: WeakPassword | InvalidFields): readonly FieldProblem[] =>
  refusal.kind === 'invalid-request'
    ? refusal.problems
    : [
        {
          field: refusal.field,
          code: refusal.weakness,
          ...(refusal.limit !== undefined && { limit: refusal.limit }),
        },
      ]

/** See `ReadPasswordRules`. */
export const makeReadPasswordRules =
  ({ minimumLength }: Pick<Needs, 'minimumLength'>): ReadPasswordRules =>
  () => ({ minimumLength, maximumLength: PASSWORD_MAXIMUM })
