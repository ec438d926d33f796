// Control, line and paragraph separators, private use, unassigned, and whatever is drawn as nothing: format characters
// (zero width, bidi), fillers, joiners, variation selectors.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/u

/** True for well-formed text of visible characters only: what is shown is what is stored. */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !UNPRINTABLE.test(text)

/** Length as people count it: an emoji outside the basic plane is one, not two. */
export const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/**
 * True for text that has more code points than that in every Unicode form, told from its length alone: normalising
 * long runs of marks takes quadratic time, so it has to be asked first. (No character decomposes into more than
 * 8 code units that compose again.)
 */
export const isLongerInAnyForm = (text: string, maximum: number): boolean =>
  text.length > maximum * 8
