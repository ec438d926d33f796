import { rectifyConfusion } from 'unicode-confusables'
import type { UsernameSkeleton } from '../../domain/accounts/username.ts'
import type { Lookalikes } from '../../ports/driven/accounts/lookalikes.ts'

/**
 * Skeletons by the table of Unicode's confusables: decompose, replace each code point, decompose (UTS #39 §4). A name
 * may be written in either case, so names look alike when they do in one of them: `ADMlN`, `R00T`, `SYSTEM` in Cyrillic.
 */
export const makeLookalikes = (): Lookalikes => ({
  skeleton: (name) =>
    [...name.normalize('NFD')].map(look).join('').normalize('NFD') as UsernameSkeleton,
})

const LATIN = /^[\x20-\x7e]+$/

/** What a character of a folded name looks like: a Latin letter in small if it can, else one in capitals. */
const look = (character: string): string => {
  const small = rectifyConfusion(character)
  if (LATIN.test(small)) return asLetter(small)
  const capital = rectifyConfusion(character.toUpperCase())
  return LATIN.test(capital) ? asLetter(rectifyConfusion(capital.toLowerCase())) : small
}

/** A capital I is an l, and what the table has for 0 is a capital. */
const asLetter = (shape: string): string => shape.toLowerCase().replaceAll('i', 'l')
