import { describe, expect, test } from 'bun:test'
import { makeRefreshTokens } from '../../../src/adapters/crypto/refresh-tokens.ts'
import type { SessionId } from '../../../src/domain/shared/ids.ts'
import { parseSessionId } from '../../../src/domain/shared/ids.ts'

const sessionId = (text: string): SessionId => {
  const id = parseSessionId(text)
  if (id === null) throw new Error('not a session id')
  return id
}
const ID = sessionId('0198f3a2-0000-7000-8000-000000000001')
const OTHER = sessionId('0198f3a2-0000-7000-8000-000000000002')
const SESSION = { id: ID, generation: 3, salt: new Uint8Array(16).fill(7) }
const key = (id: string, fill: number) => ({ id, secret: new Uint8Array(32).fill(fill) })
const tokens = makeRefreshTokens([key('k1', 1)])
const token = tokens.issue(SESSION)

describe('refresh tokens', () => {
  test('a token contains its session and generation, and is genuine for that session only', () => {
    expect(token).toMatch(/^v1\.k1\.0198f3a2-0000-7000-8000-000000000001\.3\.[\w-]{64}$/)
    expect(tokens.read(token)).toEqual({ sessionId: ID, generation: 3 })
    expect(tokens.isGenuine(token, SESSION)).toBe(true)
    expect(tokens.isGenuine(token, { ...SESSION, id: OTHER })).toBe(false)
    expect(tokens.isGenuine(token, { ...SESSION, salt: new Uint8Array(16) })).toBe(false)
  })

  test('the current token can be issued again, with the same text', () => {
    expect(tokens.issue(SESSION)).toBe(token)
    expect(tokens.issue({ ...SESSION, generation: 4 })).not.toBe(token)
  })

  test('each changed character makes a token that is refused before any I/O', () => {
    for (const index of token.split('').keys()) {
      const changed = token[index] === 'x' ? 'y' : 'x'
      const forged = token.slice(0, index) + changed + token.slice(index + 1)
      expect(tokens.read(forged)).toBeNull()
      expect(tokens.isGenuine(forged, SESSION)).toBe(false)
    }
  })

  test('text of any other form is refused', () => {
    const [version, keyId, id, generation, mac] = token.split('.')
    const forged = [
      '',
      'v1',
      'v1....',
      ` ${token}`,
      `${token}\n`,
      `${token}=`,
      `${token}.`,
      token.toUpperCase(),
      [version, keyId, id, '03', mac].join('.'),
      [version, keyId, id, '0', mac].join('.'),
      [version, keyId, id, '-3', mac].join('.'),
      [version, keyId, id, '3e0', mac].join('.'),
      [version, keyId, id, '99999999999999999999', mac].join('.'),
      [version, 'unknown', id, generation, mac].join('.'),
      [version, '__proto__', id, generation, mac].join('.'),
      [version, keyId, '../etc/passwd', generation, mac].join('.'),
      ['v2', keyId, id, generation, mac].join('.'),
      'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      'x'.repeat(100_000),
    ]
    for (const text of forged) expect(tokens.read(text)).toBeNull()
  })

  test('an access token used as a refresh token is refused [JW7]', () => {
    const access = `${'e'.repeat(80)}.${'y'.repeat(200)}.${'J'.repeat(86)}`
    expect(tokens.read(access)).toBeNull()
  })

  test('the first key issues tokens, and every key verifies its own [CF5]', () => {
    const both = makeRefreshTokens([key('k2', 2), key('k1', 1)])
    expect(both.issue(SESSION)).toStartWith('v1.k2.')
    expect(both.isGenuine(token, SESSION)).toBe(true)
    expect(makeRefreshTokens([key('k2', 2)]).read(token)).toBeNull()
  })

  test('a token of another secret under the same key id is refused', () => {
    expect(makeRefreshTokens([key('k1', 9)]).read(token)).toBeNull()
  })

  test('the stored session makes no token without the key [SE12]', () => {
    const guess = makeRefreshTokens([{ id: 'k1', secret: new Uint8Array(32) }]).issue(SESSION)
    expect(tokens.read(guess)).toBeNull()
    const stored = Buffer.from(SESSION.salt).toString('base64url')
    expect(token).not.toContain(stored)
  })

  test('the key without the stored salt does not make a genuine token', () => {
    const guess = tokens.issue({ ...SESSION, salt: new Uint8Array(16) })
    expect(tokens.read(guess)).toEqual({ sessionId: ID, generation: 3 })
    expect(tokens.isGenuine(guess, SESSION)).toBe(false)
  })

  test('no key, a short secret, a strange id or an id twice is refused at start', () => {
    expect(() => makeRefreshTokens([])).toThrow('no refresh key')
    expect(() => makeRefreshTokens([{ id: 'k', secret: new Uint8Array(31) }])).toThrow('32 bytes')
    expect(() => makeRefreshTokens([key('a.b', 1)])).toThrow('key id')
    expect(() => makeRefreshTokens([key('a', 1), key('a', 2)])).toThrow('same id')
  })
})
