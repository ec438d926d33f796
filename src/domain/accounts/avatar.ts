import type { Brand } from '../shared/ids.ts'
import { isPlainText } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

/** The https address of a picture. It is passed on, never fetched. */
export type Avatar = Brand<'Avatar'>

const AVATAR_MAXIMUM = 2048

/** An absolute https URL without user information, in the form that the URL standard serialises. */
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
