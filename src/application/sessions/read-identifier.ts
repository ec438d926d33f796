import { parseEmail } from '../../domain/accounts/email.ts'
import { canonicalUsername, parseUsername } from '../../domain/accounts/username.ts'
import type { Identifier } from '../../ports/driven/accounts/users.ts'

const LONGEST_IDENTIFIER = 512

/** What somebody typed to sign in, in the form that accounts are found by; null for what no account can have. */
export const readIdentifier = (text: string): Identifier | null => {
  if (text.includes('@')) {
    const email = parseEmail(text)
    return email.ok ? { kind: 'email', email: email.value } : null
  }
  const username = parseUsername(text.trim())
  return username.ok ? { kind: 'username', canonical: canonicalUsername(username.value) } : null
}

/**
 * One spelling for all ways to write the same identifier, for limits and the audit trail. What is longer than any
 * account's stays as it is: folding it could take long.
 */
export const identifierKey = (identifier: Identifier | null, text: string): string => {
  if (identifier === null)
    return text.length > LONGEST_IDENTIFIER ? text : canonicalUsername(text.trim())
  return identifier.kind === 'email' ? identifier.email : identifier.canonical
}
