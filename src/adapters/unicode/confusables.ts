import { rectifyConfusion } from 'unicode-confusables'
import type { UsernameSkeleton } from '../../domain/accounts/username.ts'
import type { Confusables } from '../../ports/driven/accounts/users.ts'

/**
 * Skeletons by Unicode's table of confusables: decompose, replace each code point, decompose again (UTS #39 §4). A
 * username may be written in either case, so two names look alike when they do in one of the cases: `ADMlN`, `R00T`,
 * `SYSTEM` in Cyrillic.
 */
export const makeConfusables = (): Confusables => ({
  skeleton: (name) =>
    [...name.normalize('NFD')].map(prototypeOf).join('').normalize('NFD') as UsernameSkeleton,
})

const LATIN = /^[\x20-\x7e]+$/

/** The prototype of a character: of its small form when that looks like a Latin letter, else of its capital form. */
const prototypeOf = (character: string): string => {
  const small = rectifyConfusion(character)
  if (LATIN.test(small)) return asLetter(small)
  const capital = rectifyConfusion(character.toUpperCase())
  return LATIN.test(capital) ? asLetter(rectifyConfusion(capital.toLowerCase())) : small
}

/** A capital I looks like an l, and the table maps 0 to the capital O. */
const asLetter = (shape: string): string => shape.toLowerCase().replaceAll('i', 'l')
