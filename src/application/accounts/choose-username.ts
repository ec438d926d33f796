import type { Username } from '../../domain/accounts/username.ts'
import {
  canonicalUsername,
  parseUsername,
  RESERVED_USERNAMES,
} from '../../domain/accounts/username.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Lookalikes } from '../../ports/driven/accounts/lookalikes.ts'
import type { UsernameForms } from '../../ports/driven/accounts/users.ts'

export type ChosenUsername = { readonly username: Username; readonly forms: UsernameForms }
export type ChooseUsername = (text: string) => Result<ChosenUsername, string>

/** Reads a username with its forms; refuses reserved names and all that looks like one. */
export const makeChooseUsername = ({ skeleton }: Lookalikes): ChooseUsername => {
  const reserved = new Set(RESERVED_USERNAMES.map((name) => skeleton(canonicalUsername(name))))
  return (text) => {
    const username = parseUsername(text)
    if (!username.ok) return fail(username.refusal)
    const canonical = canonicalUsername(username.value)
    const forms = { canonical, skeleton: skeleton(canonical) }
    return reserved.has(forms.skeleton) ? fail('reserved') : ok({ username: username.value, forms })
  }
}

/** The forms of a name that was accepted before. */
export const usernameForms = ({ skeleton }: Lookalikes, username: Username): UsernameForms => {
  const canonical = canonicalUsername(username)
  return { canonical, skeleton: skeleton(canonical) }
}
