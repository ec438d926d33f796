import type { CanonicalUsername, Username } from '../../domain/accounts/username.ts'
import {
  canonicalUsername,
  parseUsername,
  RESERVED_USERNAMES,
  withoutDecoration,
} from '../../domain/accounts/username.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Confusables, NameConflict, UsernameForms } from '../../ports/driven/accounts/users.ts'
import type { InvalidFields } from '../../ports/driving/shared/invalid-fields.ts'

export type ChosenUsername = { readonly username: Username; readonly forms: UsernameForms }
export type ChooseUsername = (text: string) => Result<ChosenUsername, string>

/** Parses a new username. Refuses reserved usernames and everything that looks like one: `ADMlN`, `ádmin`, `ad.min`. */
export const makeChooseUsername = (
  confusables: Confusables,
  reservedUsernames: readonly string[] = RESERVED_USERNAMES,
): ChooseUsername => {
  const plainSkeleton = (canonical: CanonicalUsername) =>
    confusables.skeleton(withoutDecoration(confusables.skeleton(withoutDecoration(canonical))))
  const reserved = new Set(reservedUsernames.map((name) => plainSkeleton(canonicalUsername(name))))
  return (text) => {
    const username = parseUsername(text)
    if (!username.ok) return fail(username.refusal)
    const forms = usernameForms(confusables, username.value)
    return reserved.has(plainSkeleton(forms.canonical))
      ? fail('reserved')
      : ok({ username: username.value, forms })
  }
}

/** The forms of a username that was accepted before. */
export const usernameForms = (confusables: Confusables, username: Username): UsernameForms => {
  const canonical = canonicalUsername(username)
  return { canonical, skeleton: confusables.skeleton(canonical) }
}

type NameTaken = { readonly kind: 'email-taken' } | { readonly kind: 'username-taken' }

/** The refusal for a name conflict. A username that only looks like another one is invalid, not taken. */
export const nameConflictRefusal = (conflict: NameConflict): NameTaken | InvalidFields =>
  conflict.kind === 'username-confusable'
    ? { kind: 'invalid-request', problems: [{ field: 'username', code: 'confusable' }] }
    : conflict
