import type { Brand } from './ids.ts'
import { codePoints, isPlainText } from './plain-text.ts'
import type { Result } from './result.ts'
import { fail, ok } from './result.ts'

export type DisplayName = Brand<'DisplayName'>

export const DISPLAY_NAME_MAXIMUM = 100

/** Any visible text of 1 to 100 characters, in NFC, without space around it. */
export const parseDisplayName = (text: string): Result<DisplayName, 'not-a-display-name'> => {
  const name = text.normalize('NFC').trim()
  const length = codePoints(name)
  return length < 1 || length > DISPLAY_NAME_MAXIMUM || !isPlainText(name)
    ? fail('not-a-display-name')
    : ok(name as DisplayName)
}
