import type { Brand } from '../shared/ids.ts'
import { isPlainText } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

/** The https URL of a picture. This service passes it on and never fetches it. */
export type Avatar = Brand<'Avatar'>

/** In UTF-16 units. A URL as the URL standard writes it has only ASCII. */
export const AVATAR_MAXIMUM = 2048

/** What the URL standard leaves in a URL and RFC 3986 has no place for: other characters, a lone `%`, a second `#`. */
const NOT_IN_A_URI = /[^\w\-.~!$&'()*+,;=:@/?#%]|%(?![\da-f]{2})|(?<=#.*)#/gi

/**
 * Parses an absolute https URL without user name and password. It is kept as the URL standard serializes it, and with
 * percent-encoding where RFC 3986 demands it, because clients check it as a URI.
 */
export const parseAvatar = (text: string): Result<Avatar, 'not-an-https-url'> => {
  if (text.length > AVATAR_MAXIMUM || !isPlainText(text) || !URL.canParse(text))
    return fail('not-an-https-url')
  const url = new URL(text)
  const afterHost = url.href.slice(url.origin.length)
  const uri = url.origin + afterHost.replaceAll(NOT_IN_A_URI, encodeURIComponent)
  return url.protocol !== 'https:' ||
    url.username !== '' ||
    url.password !== '' ||
    uri.length > AVATAR_MAXIMUM
    ? fail('not-an-https-url')
    : ok(uri as Avatar)
}
