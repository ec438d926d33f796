import { createHmac, timingSafeEqual } from 'node:crypto'
import { parseSessionId } from '../../domain/shared/ids.ts'
import type {
  RefreshTokenClaim,
  RefreshTokens,
} from '../../ports/driven/sessions/refresh-tokens.ts'
import type { MacKey } from './macs.ts'
import { deriveKey } from './macs.ts'

type Keys = { readonly id: string; readonly inner: Uint8Array; readonly outer: Uint8Array }
type Parsed = RefreshTokenClaim & { readonly keys: Keys; readonly mac: Buffer }

const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/
const INNER_BYTES = 32
const OUTER_BYTES = 16
// The two MACs are 48 bytes, which are exactly 64 characters: a token has only one spelling.
const TOKEN = /^v1\.([A-Za-z0-9_-]{1,32})\.([0-9a-f-]{36})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{64})$/

/**
 * `v1.<key id>.<session>.<generation>.<MACs>`. The inner MAC (HMAC-SHA-256) covers session, generation and salt. The
 * outer MAC covers session, generation and the inner MAC, is cut to 128 bits, and can be checked without the salt. The
 * first key issues tokens, and all keys verify them.
 * @throws Error without a key, for a malformed or repeated key id, and for a secret under 32 bytes.
 */
export const makeRefreshTokens = (macKeys: readonly MacKey[]): RefreshTokens => {
  const ring = new Map(macKeys.map((key) => [key.id, keysOf(key)]))
  const first = ring.values().next().value
  if (first === undefined) throw new Error('no refresh key was given')
  if (ring.size < macKeys.length) throw new Error('two refresh keys have the same id')

  const parse = (token: string): Parsed | null => {
    const [, keyId = '', session = '', generation = '', mac = ''] = TOKEN.exec(token) ?? []
    const sessionId = parseSessionId(session)
    const keys = ring.get(keyId)
    return sessionId === null || keys === undefined
      ? null
      : { sessionId, generation: Number(generation), keys, mac: Buffer.from(mac, 'base64url') }
  }

  const read = (token: string): Parsed | null => {
    const parsed = parse(token)
    if (parsed === null) return null
    const inner = parsed.mac.subarray(0, INNER_BYTES)
    const expected = outerMac(parsed.keys, parsed, inner)
    return timingSafeEqual(parsed.mac.subarray(INNER_BYTES), expected) ? parsed : null
  }

  return {
    issue: ({ id, generation, salt }) => {
      const claim = { sessionId: id, generation }
      const inner = innerMac(first, claim, salt)
      const macs = Buffer.concat([inner, outerMac(first, claim, inner)])
      return `v1.${first.id}.${id}.${generation}.${macs.toString('base64url')}`
    },
    read: (token) => {
      const parsed = read(token)
      return parsed && { sessionId: parsed.sessionId, generation: parsed.generation }
    },
    isGenuine: (token, session) => {
      const parsed = read(token)
      if (parsed === null || parsed.sessionId !== session.id) return false
      const expected = innerMac(parsed.keys, parsed, session.salt)
      return timingSafeEqual(parsed.mac.subarray(0, INNER_BYTES), expected)
    },
  }
}

const keysOf = ({ id, secret }: MacKey): Keys => {
  if (!KEY_ID.test(id)) throw new Error('a refresh key id has 1 to 32 letters, digits, _ or -')
  return {
    id,
    inner: deriveKey(secret, 'refresh token'),
    outer: deriveKey(secret, 'refresh token envelope'),
  }
}

// Neither an id nor a number contains a dot, and the salt comes last: no two inputs give the same bytes.
const innerMac = (keys: Keys, claim: RefreshTokenClaim, salt: Uint8Array): Buffer =>
  createHmac('sha256', keys.inner)
    .update(`${claim.sessionId}.${claim.generation}.`)
    .update(salt)
    .digest()

const outerMac = (keys: Keys, claim: RefreshTokenClaim, inner: Uint8Array): Buffer =>
  createHmac('sha256', keys.outer)
    .update(`${claim.sessionId}.${claim.generation}.`)
    .update(inner)
    .digest()
    .subarray(0, OUTER_BYTES)
