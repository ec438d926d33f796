/** A value that refuses to print. `reveal` gives it out. */
export type Secret<T = string> = {
  reveal(): T
  toString(): string
  toJSON(): string
}

const HIDDEN = '[secret]'
const hide = () => HIDDEN

/** Logs, templates, JSON and the inspectors of Node, Bun and Deno show `[secret]`. */
export const makeSecret = <T>(value: T): Secret<T> =>
  Object.freeze({
    reveal: () => value,
    toString: hide,
    toJSON: hide,
    [Symbol.toPrimitive]: hide,
    [Symbol.for('nodejs.util.inspect.custom')]: hide,
    [Symbol.for('Deno.customInspect')]: hide,
  })

const LEAST_BYTES = 32
const LEAST_BITS = 96

// Words of samples and of hurry. Each has six letters or more, so that it does not occur in random text by chance.
const SAMPLE_WORDS =
  /secret|password|change|example|sample|default|replace|insecure|development|placeholder|your-|todo-|abcdef|qwerty|012345|123456/i

// Secrets that standards and tutorials print.
const PUBLISHED = [
  'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow', // RFC 7515 A.1
  'a-string-secret-at-least-256-bits-long', // jwt.io
]

/** What makes a secret guessable, or null. The sentence contains nothing of the secret. */
export const weaknessOf = (secret: string): string | null => {
  if (new TextEncoder().encode(secret).length < LEAST_BYTES)
    return `must be at least ${LEAST_BYTES} bytes long`
  if (PUBLISHED.includes(secret) || SAMPLE_WORDS.test(secret))
    return 'is a sample value; make your own with: bun run auth keys generate'
  return isMonotonous(secret)
    ? 'is too easy to guess; make one with: bun run auth keys generate'
    : null
}

const isMonotonous = (text: string): boolean =>
  shannonBits(text) < LEAST_BITS || repeatsItself(text) || countsUp(text)

const shannonBits = (text: string): number => {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits += count * Math.log2(text.length / count)
  return bits
}

const repeatsItself = (text: string): boolean => (text + text).indexOf(text, 1) < text.length

/** More than half of the characters follow from the one before: abcd…, 9876…, aaaa…. */
const countsUp = (text: string): boolean => {
  const codes = [...text].map((character) => character.charCodeAt(0))
  const steps = codes.slice(1).map((code, index) => Math.abs(code - (codes[index] ?? 0)))
  return steps.filter((step) => step <= 1).length > steps.length / 2
}
