// Control characters, line and paragraph separators, private use, unassigned, and all invisible characters: format
// characters (zero width, bidi), fillers, joiners, variation selectors.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/u

/** True for well-formed text with visible characters only, so that people see exactly what is stored. */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !UNPRINTABLE.test(text)

/** The length in Unicode code points. An emoji outside the basic plane counts as one, not two. */
export const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/**
 * True when the text has more code points than `maximum` in every Unicode form. Uses the length only: normalizing long
 * runs of combining marks takes quadratic time, so this check comes before it. (No character decomposes into more than
 * 8 code units that compose again.)
 */
export const isLongerInAnyForm = (text: string, maximum: number): boolean =>
  text.length > maximum * 8

/** In code points. */
export const REASON_MAXIMUM = 500

/** The reason that an administrator gives for a change, without space around it. Null unless it is 1 to 500 visible characters. */
export const parseReason = (text: string): string | null => {
  const reason = text.trim()
  return reason === '' || codePoints(reason) > REASON_MAXIMUM || !isPlainText(reason)
    ? null
    : reason
}
