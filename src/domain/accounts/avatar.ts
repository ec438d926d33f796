import type { Brand } from '../shared/ids.ts'
import { isPlainText } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

/** The https URL of a picture. This service passes it on and never fetches it. */
export type Avatar = Brand<'Avatar'>

const AVATAR_MAXIMUM = 2048

/** Parses an absolute https URL without user name and password, in the form that the URL standard serializes. */
export const parseAvatar = (text: string): Result<Avatar, 'not-an-https-url'> => {
  if (text.length > AVATAR_MAXIMUM || !isPlainText(text) || !URL.canParse(text))
    return fail('not-an-https-url')
  const url = new URL(text)
  return url.protocol !== 'https:' ||
    url.username !== '' ||
    url.password !== '' ||
    url.href.length > AVATAR_MAXIMUM
    ? fail('not-an-https-url')
    : ok(url.href as Avatar)
}
