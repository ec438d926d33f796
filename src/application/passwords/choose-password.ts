import type { Email } from '../../domain/accounts/email.ts'
import { localPart } from '../../domain/accounts/email.ts'
import type { Password } from '../../domain/passwords/password.ts'
import {
  checkLength,
  isFarTooLong,
  isMadeOfNames,
  parsePassword,
} from '../../domain/passwords/password.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { PasswordBlocklist } from '../../ports/driven/passwords/password-blocklist.ts'
import type { InvalidFields, WeakPassword } from '../../ports/driving/accounts/accounts.ts'

type Needs = {
  readonly blocklist: PasswordBlocklist
  /** In code points. */
  readonly minimumLength: number
  /** What the service is called: a password made of it is the first guess. */
  readonly serviceNames: readonly string[]
}

export type ChoosePassword = (
  text: string,
  field: WeakPassword['field'],
  owner: { readonly email: Email | null; readonly username: string },
) => Result<Password, WeakPassword | InvalidFields>

/** Accepts a new password, or says why not: length, commonness, and names are all that counts. */
export const makeChoosePassword =
  ({ blocklist, minimumLength, serviceNames }: Needs): ChoosePassword =>
  (text, field, { email, username }) => {
    if (isFarTooLong(text)) return fail({ kind: 'weak-password', field, weakness: 'too-long' })
    const password = parsePassword(text)
    if (password === null)
      return fail({ kind: 'invalid-request', problems: [{ field, code: 'not-text' }] })
    const sized = checkLength(password, minimumLength)
    if (!sized.ok) return fail({ kind: 'weak-password', field, weakness: sized.refusal })
    if (blocklist.has(password))
      return fail({ kind: 'weak-password', field, weakness: 'too-common' })
    const names = [...serviceNames, username, ...(email === null ? [] : [email, localPart(email)])]
    return isMadeOfNames(password, names)
      ? fail({ kind: 'weak-password', field, weakness: 'made-of-names' })
      : ok(password)
  }
