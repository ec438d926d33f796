import type { Brand } from '../shared/ids.ts'
import { codePoints, isLongerInAnyForm } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

/** A password in NFC. Nothing else about it is changed, and it is never truncated (NIST SP 800-63B-4 §3.1.1.2). */
export type Password = Brand<'Password'>

export const PASSWORD_MAXIMUM = 128
/** The range of the configurable minimum length. */
export const PASSWORD_MINIMUM_RANGE = { least: 8, most: 64 } as const

export const PASSWORD_WEAKNESSES = ['too-short', 'too-long', 'too-common', 'made-of-names'] as const
export type PasswordWeakness = (typeof PASSWORD_WEAKNESSES)[number]

/**
 * Null for text with lone surrogates, which a client cannot type the same way twice, and for text that is too long in
 * every Unicode form. The length is checked before any expensive work.
 */
export const parsePassword = (text: string): Password | null =>
  isFarTooLong(text) || !text.isWellFormed() ? null : (text.normalize('NFC') as Password)

/** True for text that is too long in every Unicode form. */
export const isFarTooLong = (text: string): boolean => isLongerInAnyForm(text, PASSWORD_MAXIMUM)

/** Checks the length in Unicode code points. */
export const checkLength = (
  password: Password,
  minimum: number,
): Result<Password, PasswordWeakness> => {
  const length = codePoints(password)
  if (length < minimum) return fail('too-short')
  return length > PASSWORD_MAXIMUM ? fail('too-long') : ok(password)
}

/**
 * True when the password consists mainly of the given names, such as `johndoe-2026!` for the user johndoe: without the
 * names, digits and punctuation, fewer than four letters are left. Names under three characters are ignored.
 */
export const isMadeOfNames = (password: Password, names: readonly string[]): boolean => {
  const text = lettersAndDigits(password)
  const words = names
    .map(lettersAndDigits)
    .filter((word) => word.length >= SHORTEST_NAME)
    .toSorted((a, b) => b.length - a.length)
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text)
  return rest !== text && rest.replace(/\p{Nd}/gu, '').length < LETTERS_OF_ITS_OWN
}

const SHORTEST_NAME = 3
const LETTERS_OF_ITS_OWN = 4

const lettersAndDigits = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{Nd}]/gu, '')
