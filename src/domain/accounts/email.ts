import type { Brand } from '../shared/ids.ts'
import { isPlainText } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

/** An email address in its canonical form: NFKC, lower case, the domain as A-labels. */
export type Email = Brand<'Email'>

export const EMAIL_MAXIMUM = 254 // RFC 5321 §4.5.3.1.3, less the angle brackets
const MAXIMUM_LOCAL_LENGTH = 64 // RFC 5321 §4.5.3.1.1
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Parses an email address as people type it. The domain may be in any script; it becomes A-labels (RFC 5891). The local
 * part must be ASCII, because most mail servers accept nothing else.
 */
export const parseEmail = (text: string): Result<Email, 'not-an-email'> => {
  const trimmed = text.trim()
  // Also checked before NFKC, which would turn U+FF20 into an @.
  if (trimmed.length > EMAIL_MAXIMUM || !isPlainText(text) || !hasOneAt(trimmed))
    return fail('not-an-email')
  const tidy = trimmed.normalize('NFKC').toLowerCase()
  if (!hasOneAt(tidy)) return fail('not-an-email')
  const [local = '', domain = ''] = tidy.split('@')
  const ascii = asciiDomain(domain)
  if (local.length > MAXIMUM_LOCAL_LENGTH || !LOCAL.test(local) || ascii === null)
    return fail('not-an-email')
  const email = `${local}@${ascii}`
  return email.length > EMAIL_MAXIMUM ? fail('not-an-email') : ok(email as Email)
}

/** The part before the @. */
export const localPart = (email: Email): string => email.slice(0, email.indexOf('@'))

/** The part after the @, as A-labels. */
export const domainPart = (email: Email): string => email.slice(email.indexOf('@') + 1)

const hasOneAt = (text: string): boolean => text.split('@').length === 2

// The URL parser would read these as a port, a path or an escape, and drop a part: `x.com:80/` would become x.com.
const URL_DELIMITERS = /[:/\\?#%]/

const asciiDomain = (domain: string): string | null => {
  if (URL_DELIMITERS.test(domain) || !URL.canParse(`http://${domain}`)) return null
  const { hostname } = new URL(`http://${domain}`)
  return DOMAIN.test(hostname) ? hostname : null
}
