import type { Brand } from '../shared/ids.ts'
import { codePoints, isLongerInAnyForm } from '../shared/plain-text.ts'
import type { Result } from '../shared/result.ts'
import { fail, ok } from '../shared/result.ts'

/** A password in NFC. Nothing else is ever changed about it, and nothing is cut off (NIST SP 800-63B-4 §3.1.1.2). */
export type Password = Brand<'Password'>

export const PASSWORD_MAXIMUM = 128
/** A configured minimum may lie in this range. */
export const PASSWORD_MINIMUM_RANGE = { least: 8, most: 64 } as const

export type PasswordWeakness = 'too-short' | 'too-long' | 'too-common' | 'made-of-names'

/**
 * Null for text that no client can type twice the same way (lone surrogates), and for text that is too long in any
 * form: it is given up before any work is done on it.
 */
export const parsePassword = (text: string): Password | null =>
  isFarTooLong(text) || !text.isWellFormed() ? null : (text.normalize('NFC') as Password)

export const isFarTooLong = (text: string): boolean => isLongerInAnyForm(text, PASSWORD_MAXIMUM)

/** Lengths are in code points. */
export const checkLength = (
  password: Password,
  minimum: number,
): Result<Password, PasswordWeakness> => {
  const length = codePoints(password)
  if (length < minimum) return fail('too-short')
  return length > PASSWORD_MAXIMUM ? fail('too-long') : ok(password)
}

/**
 * True when hardly anything is left of the password without the given names: `johndoe-2026!` for the user johndoe.
 * Names under three characters say nothing and are skipped.
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
