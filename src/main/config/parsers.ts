import type { Budget } from '../../domain/limits/limits.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'

/** Reads one setting. The refusal says what is expected and never repeats what was given. */
export type Parse<T> = (text: string) => Result<T, string>

export const oneOf =
  <const Choice extends string>(...choices: readonly Choice[]): Parse<Choice> =>
  (text) => {
    const choice = choices.find((known) => known === text)
    return choice === undefined ? fail(`must be one of ${choices.join(', ')}`) : ok(choice)
  }

export const wholeNumber =
  (least: number, most: number): Parse<number> =>
  (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return number >= least && number <= most
      ? ok(number)
      : fail(`must be a whole number from ${least} to ${most}`)
  }

export const flag: Parse<boolean> = (text) => {
  const word = oneOf('true', 'false')(text)
  return word.ok ? ok(word.value === 'true') : word
}

/** Text on one line without space around it. */
export const word: Parse<string> = (text) =>
  /^[\x21-\x7e]{1,255}$/.test(text)
    ? ok(text)
    : fail('must be 1 to 255 printable ASCII characters without spaces')

export const folder: Parse<string> = (text) =>
  text.includes('\0') ? fail('must be the path of a folder, or memory:') : ok(text)

/** A name or an address to listen on, without a port. */
export const host: Parse<string> = (text) =>
  /^[\dA-Za-z.:-]{1,253}$/.test(text) ? ok(text) : fail('must be a host name or an IP address')

/** An http or https address without path, query or user information, as the URL standard writes an origin. */
export const origin: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isOrigin =
    url !== null && /^https?:$/.test(url.protocol) && [url.origin, `${url.origin}/`].includes(text)
  return isOrigin
    ? ok(url.origin)
    : fail('must be an address like https://auth.example.com, without path')
}

/** An http or https address that paths are added to: no query, no user information, no slash at its end. */
export const httpAddress: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isBase =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    [text, `${text}/`].includes(url.href) &&
    !/[?#@]|\/$/.test(text)
  return isBase ? ok(text) : fail('must be an address like https://example.com/path')
}

const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/

/**
 * An address that a client may have people sent back to: https, http for this machine, or a private scheme in reverse DNS
 * (RFC 8252 §7.1). It has the form of the URL standard, so that it can be compared character for character.
 */
export const redirectAddress: Parse<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null
  const isProper =
    url !== null &&
    (/^https?:$/.test(url.protocol) || PRIVATE_SCHEME.test(url.protocol)) &&
    [text, `${text}/`].includes(url.href) &&
    !/[#*]/.test(text) &&
    url.username === '' &&
    url.password === ''
  return isProper
    ? ok(text)
    : fail('must be an exact address like https://app.example.com/signed-in or com.example.app:/in')
}

export const listOf =
  <T>(parse: Parse<T>): Parse<readonly T[]> =>
  (text) => {
    const items = text.split(',').map((item) => parse(item.trim()))
    const values = items.flatMap((item) => (item.ok ? [item.value] : []))
    const refused = items.find((item) => !item.ok)
    return refused === undefined || refused.ok ? ok(values) : fail(`each entry ${refused.refusal}`)
  }

export const budget: Parse<Budget> = (text) => {
  const [points, seconds] = text.split('/').map((part) => wholeNumber(1, 1_000_000)(part))
  return text.split('/').length === 2 && points?.ok && seconds?.ok
    ? ok({ points: points.value, seconds: seconds.value })
    : fail('must be <points>/<seconds>, like 5/900')
}

/** A name in reverse DNS, which event types begin with. */
export const reverseDns: Parse<string> = (text) =>
  /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(text) && text.length <= 200
    ? ok(text)
    : fail('must be a name in reverse DNS, like com.example.auth')
