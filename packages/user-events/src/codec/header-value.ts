const UTF8 = new TextEncoder()
const SPACE = 0x20
const TILDE = 0x7e
const QUOTE = 0x22
const PERCENT = 0x25
/** Values in which no character has to be encoded: nearly all. */
const PLAIN = /^[!#$&-~]*$/

/** Percent-encodes all but printable ASCII, and also space, quote and percent (CloudEvents HTTP binding §3.1.3.2). */
export const encodeHeaderValue = (value: string): string =>
  PLAIN.test(value) ? value : [...UTF8.encode(value.toWellFormed())].map(encodeByte).join('')

const encodeByte = (byte: number): string =>
  byte > SPACE && byte <= TILDE && byte !== QUOTE && byte !== PERCENT
    ? String.fromCharCode(byte)
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** Decodes a header value. A value that is no percent-encoded UTF-8 stays as it is. */
export const decodeHeaderValue = (value: string): string => {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
