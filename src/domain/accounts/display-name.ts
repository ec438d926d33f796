import type { Brand } from '../shared/ids.ts'
import { codePoints, isLongerInAnyForm, isPlainText } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

export type DisplayName = Brand<'DisplayName'>

const DISPLAY_NAME_MAXIMUM = 100

const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u
const BRAILLE_BLANK = '\u2800'
// The variation selector that asks for the coloured form of the emoji before it.
const EMOJI_STYLE = /(?<=\p{Emoji_Presentation}|\p{Extended_Pictographic})\ufe0f/gu

/** Parses visible text of 1 to 100 characters. The result is in NFC, without leading and trailing space. */
export const parseDisplayName = (text: string): Result<DisplayName, 'not-a-display-name'> => {
  if (isLongerInAnyForm(text, DISPLAY_NAME_MAXIMUM)) return fail('not-a-display-name')
  const name = text.normalize('NFC').trim()
  return codePoints(name) > DISPLAY_NAME_MAXIMUM ||
    !isPlainText(text.replace(EMOJI_STYLE, '')) ||
    !VISIBLE.test(name.replaceAll(BRAILLE_BLANK, ''))
    ? fail('not-a-display-name')
    : ok(name as DisplayName)
}
