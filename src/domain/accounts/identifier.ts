import type { Email } from './email.ts'
import { parseEmail } from './email.ts'
import type { CanonicalUsername } from './username.ts'
import { canonicalUsername, parseUsername } from './username.ts'

/** What a user signs in with: the email address or the username of an account. */
export type Identifier =
  | { readonly kind: 'email'; readonly email: Email }
  | { readonly kind: 'username'; readonly canonical: CanonicalUsername }

const MAXIMUM_LENGTH = 512

/** Parses what a user typed to sign in. Null for text that is neither an email address nor a username. */
export const parseIdentifier = (text: string): Identifier | null => {
  if (text.includes('@')) {
    const email = parseEmail(text)
    return email.ok ? { kind: 'email', email: email.value } : null
  }
  const username = parseUsername(text.trim())
  return username.ok ? { kind: 'username', canonical: canonicalUsername(username.value) } : null
}

/**
 * The key for rate limits and the audit trail: all spellings of one identifier have the same key. Text over 512
 * characters is its own key, because folding long text takes long.
 */
export const identifierKey = (identifier: Identifier | null, text: string): string => {
  if (identifier === null)
    return text.length > MAXIMUM_LENGTH ? text : canonicalUsername(text.trim())
  return identifier.kind === 'email' ? identifier.email : identifier.canonical
}
