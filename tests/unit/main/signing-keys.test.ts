import { describe, expect, test } from 'bun:test'
import { calculateJwkThumbprint } from 'jose'
import type { SigningKey } from '../../../src/main/config/signing-keys.ts'
import {
  makeSigningKey,
  parseSigningKeys,
  writeSigningKeys,
} from '../../../src/main/config/signing-keys.ts'

const parse = (...keys: readonly unknown[]) => parseSigningKeys(JSON.stringify({ keys }))
const refusalOf = (...keys: readonly unknown[]): string => {
  const parsed = parse(...keys)
  return parsed.ok ? 'accepted' : parsed.refusal
}
const without = (key: SigningKey, ...names: readonly (keyof SigningKey)[]) =>
  Object.fromEntries(Object.entries(key).filter(([name]) => !names.some((gone) => gone === name)))

describe('a signing key set', () => {
  test('comes back as it was written', () => {
    const keys = [makeSigningKey('active'), makeSigningKey('next')]
    expect(parseSigningKeys(writeSigningKeys(keys))).toEqual({ ok: true, value: keys })
  })

  test('names its keys by the thumbprint of the standard', async () => {
    const { kty, crv, x, y, kid } = makeSigningKey('active')
    expect(kid).toBe(await calculateJwkThumbprint({ kty, crv, x, y }))
  })

  test('without marks the first private key signs and the others verify', () => {
    const keys = [1, 2, 3].map(() => makeSigningKey('active'))
    const [one, two, three] = keys.map((key) => without(key, 'status'))
    const parsed = parse({ ...one, d: undefined }, two, three)
    expect(parsed.ok && parsed.value.map(({ status }) => status)).toEqual([
      'retired',
      'active',
      'retired',
    ])
  })

  test('a retired key may be public only', () => {
    const retired = without(makeSigningKey('retired'), 'd')
    expect(parse(makeSigningKey('active'), retired).ok).toBe(true)
  })

  test('private halves with leading zeros keep their length', () => {
    for (let round = 0; round < 600; round += 1) expect(makeSigningKey('next').d).toHaveLength(43)
  })

  const key = makeSigningKey('active')
  const other = makeSigningKey('next')
  const REFUSED: readonly (readonly [string, readonly unknown[], string])[] = [
    ['no key', [], 'at least one key'],
    ['two active keys', [key, makeSigningKey('active')], 'exactly one active'],
    ['no active key', [other], 'exactly one active'],
    ['a key twice', [key, { ...key, status: 'next' }], 'twice'],
    ['an active key without its private half', [without(key, 'd')], 'private half'],
    ['a next key without its private half', [key, without(other, 'd')], 'private half'],
    ['halves of two keys', [{ ...key, d: other.d }], 'belong together'],
    [
      'a private half out of range',
      [{ ...key, d: Buffer.alloc(32, 255).toString('base64url') }],
      'guess',
    ],
    ['another curve', [{ ...key, crv: 'P-384' }], 'P-256'],
    ['another algorithm', [{ ...key, alg: 'RS256' }], 'ES256'],
    ['an encryption key', [{ ...key, use: 'enc' }], 'signatures'],
    ['a symmetric key', [{ kty: 'oct', k: 'AyM1SysPpbyDfgZld3umj1qz' }], 'EC'],
    ['another kid', [{ ...key, kid: 'key-1' }], 'thumbprint'],
    ['an unknown status', [{ ...key, status: 'old' }], 'statuses'],
    ['a short coordinate', [{ ...key, x: 'AAAA' }], '32 bytes'],
    ['a list in place of a key', [[key]], 'object'],
  ]
  test.each(REFUSED)('with %s is refused', (_, keys, reason) => {
    expect(refusalOf(...keys)).toContain(reason)
  })

  test.each(['', '{}', '[]', 'null', '{"keys":{}}', '{"keys":[', '"text"'])(
    'written as %s is refused',
    (text) => {
      expect(parseSigningKeys(text).ok).toBe(false)
    },
  )

  test('of a standard is refused [CF1]', () => {
    const sample = {
      ...{ kty: 'EC', crv: 'P-256', d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' },
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    }
    expect(refusalOf(sample)).toContain('sample')
  })

  test('of a guessable number is refused [CF1]', () => {
    const d = Buffer.from(`${'00'.repeat(31)}01`, 'hex').toString('base64url')
    expect(refusalOf({ ...key, d })).toContain('guess')
  })
})
