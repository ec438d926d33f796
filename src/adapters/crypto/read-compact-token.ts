/** The two readable parts of a signed token in compact form (RFC 7515 §3.1); the signature is not checked here. */
export type CompactToken = {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

const LONGEST_TOKEN = 8 * 1024
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Null for text that is too long, not in canonical base64url, or whose JSON is not exactly what serialising it again
 * gives: that leaves no room for a name twice (RFC 8725 §2.4 and RFC 7519 §4 leave the choice among them to parsers).
 */
export const readCompactToken = (token: string): CompactToken | null => {
  if (token.length > LONGEST_TOKEN) return null
  const [, head = '', body = '', signature = ''] = COMPACT.exec(token) ?? []
  if (!isCanonical(signature)) return null
  const header = readPart(head)
  const payload = readPart(body)
  return header && payload && { header, payload }
}

const isCanonical = (part: string): boolean =>
  part !== '' && Buffer.from(part, 'base64url').toString('base64url') === part

const readPart = (part: string): Record<string, unknown> | null => {
  if (!isCanonical(part)) return null
  try {
    const text = UTF8.decode(Buffer.from(part, 'base64url'))
    const value: unknown = JSON.parse(text)
    return isRecord(value) && JSON.stringify(value) === text ? value : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
