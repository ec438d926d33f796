// Control, format (zero width, bidi), line and paragraph separators, private use, unassigned.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u

/** True for well-formed text of visible characters only: what is shown is what is stored. */
export const isPlainText = (text: string): boolean => text.isWellFormed() && !UNPRINTABLE.test(text)

/** Length as people count it: an emoji outside the basic plane is one, not two. */
export const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}
