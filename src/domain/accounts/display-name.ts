import type { Brand } from '../shared/ids.ts'
import { codePoints, isLongerInAnyForm, isPlainText } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

export type DisplayName = Brand<'DisplayName'>

/** In code points of the name in NFC. */
export const DISPLAY_NAME_MAXIMUM = 100

const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u
const BRAILLE_BLANK = '\u2800'

/** The signs that end an Indic consonant (Indic_Syllabic_Category=Virama and Invisible_Stacker), in scripts in use. */
const VIRAMA =
  '[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0f84\u1039\u103a\u1714\u17d2\u1b44\ua806\ua8c4\ua9c0\uabed\u{11133}]'
const AFTER_VIRAMA = `(?<=\\p{L}\\p{M}{0,3}${VIRAMA}\\p{M}{0,2})`
/** A letter of a script whose letters join. */
const CURSIVE = `(?=\\p{L})[${[
  'Arabic',
  'Syriac',
  'Mandaic',
  'Mongolian',
  'Nko',
  'Adlam',
  'Hanifi_Rohingya',
]
  .map((script) => `\\p{Script_Extensions=${script}}`)
  .join('')}]`

/** The places where an invisible character changes what people see, and is needed to write a name. */
const NEEDED = [
  // ZWNJ between letters that would join, as in Persian (UAX #31, A1).
  `(?<=${CURSIVE}\\p{M}{0,3})\\u200c(?=${CURSIVE})`,
  // ZWNJ and ZWJ after a virama (UAX #31, A2 and B). Also at the end of a word, where Malayalam is often typed so.
  `${AFTER_VIRAMA}\\u200c`,
  `${AFTER_VIRAMA}\\u200d(?!\\p{M})`,
  // Bengali RA and YA-PHALAA (The Unicode Standard, chapter 12).
  '(?<=\\u09b0)\\u200d(?=\\u09cd\\u09af)',
  // ZWJ between two emoji, and the selectors of emoji and text style (UTS #51, ED-8a, ED-9a, ED-16).
  '(?<=\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier}\\ufe0f?)?)\\u200d(?=\\p{Extended_Pictographic})',
  '(?<=\\p{Emoji_Presentation}|\\p{Extended_Pictographic}|\\p{Emoji_Modifier})[\\ufe0e\\ufe0f]',
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  // The flags of England, Scotland and Wales, and of other subdivisions (UTS #51, ED-14a).
  '\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{3,6}\\u{e007f}',
  // The form of an ideograph in a person's name (UTS #37), and of letters of Mongolian and Myanmar.
  '(?<=\\p{Unified_Ideograph})[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]',
  '(?<=\\p{Script=Mongolian})[\\u180b-\\u180d\\u180f]',
  '(?<=\\p{Script=Mongolian})\\u180e(?=\\p{Script=Mongolian})',
  '(?<=\\p{Script=Myanmar})\\ufe00',
].join('|')
const NEEDED_SEQUENCES = new RegExp(NEEDED, 'gu')
const SPLIT_AT_NEEDED = new RegExp(`(${NEEDED})`, 'u')

/**
 * Parses visible text of 1 to 100 characters. The result is in NFC, without leading and trailing space. Invisible characters
 * are refused, except where UAX #31 and UTS #51 need them: joiners in Persian and Indic names, emoji sequences, variation
 * selectors.
 */
export const parseDisplayName = (text: string): Result<DisplayName, 'not-a-display-name'> => {
  if (isLongerInAnyForm(text, DISPLAY_NAME_MAXIMUM)) return fail('not-a-display-name')
  const composed = text.normalize('NFC')
  // Not the trimmed text: trim would also remove a byte order mark.
  const isPlain = isPlainText(composed.replace(NEEDED_SEQUENCES, ''))
  const name = composed.trim()
  return !isPlain ||
    codePoints(name) > DISPLAY_NAME_MAXIMUM ||
    !VISIBLE.test(name.replaceAll(BRAILLE_BLANK, ''))
    ? fail('not-a-display-name')
    : ok(name as DisplayName)
}

/**
 * Makes a display name of what somebody else says a person is called. Characters that cannot be in a display name are left out,
 * and what is too long is cut between two characters as people see them. Null when nothing visible remains.
 */
export const mendDisplayName = (text: string): DisplayName | null => {
  const tidied = withoutUnneeded(text.slice(0, DISPLAY_NAME_MAXIMUM * 8)).normalize('NFC')
  // A cut can leave a joiner without its second letter.
  const name = parseDisplayName(withoutUnneeded(cut(tidied.trim())))
  return name.ok ? name.value : null
}

const LINE_BREAKS = /[\t-\r\u0085\u2028\u2029]+/g

const withoutUnneeded = (text: string): string =>
  text
    .replace(LINE_BREAKS, ' ')
    .split(SPLIT_AT_NEEDED)
    .map((part, index) => (index % 2 === 1 ? part : [...part].filter(isPlainText).join('')))
    .join('')

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' })

const cut = (text: string): string => {
  if (codePoints(text) <= DISPLAY_NAME_MAXIMUM) return text
  let kept = ''
  for (const { segment } of GRAPHEMES.segment(text)) {
    if (codePoints(kept) + codePoints(segment) > DISPLAY_NAME_MAXIMUM) break
    kept += segment
  }
  // A letter with more than a hundred marks is one grapheme.
  return kept === '' ? [...text].slice(0, DISPLAY_NAME_MAXIMUM).join('') : kept
}
