import { describe, expect, test } from 'bun:test'
import { readSigningKeys } from '../../../src/adapters/crypto/read-signing-keys.ts'
import type { SigningKeys } from '../../../src/adapters/crypto/signing-keys.ts'
import {
  activeKey,
  generateSigningKey,
  generateSigningKeys,
  publicJwks,
  retire,
  rotate,
  thumbprint,
  writeSigningKeys,
} from '../../../src/adapters/crypto/signing-keys.ts'

type Jwk = { readonly x: string; readonly y: string; readonly d: string | undefined }

const jwkOf = (status?: string): Jwk => {
  const { publicJwk, privateKey } = generateSigningKey('active')
  const d = privateKey?.export({ format: 'jwk' }).d
  return { ...publicJwk, d, ...(status === undefined ? {} : { status }) }
}
const read = (...keys: readonly unknown[]) => readSigningKeys(JSON.stringify({ keys }))
const accepted = (text: string): SigningKeys => {
  const keys = readSigningKeys(text)
  if (!keys.ok) throw new Error(keys.refusal)
  return keys.value
}
const refusalOf = (...keys: readonly unknown[]) => {
  const result = read(...keys)
  return result.ok ? null : result.refusal
}
const statuses = (keys: SigningKeys) => keys.map(({ status }) => status)

describe('signing keys', () => {
  test('a generated set can be written and read back', () => {
    const keys = generateSigningKeys()
    expect(statuses(keys)).toEqual(['active', 'next'])
    const again = accepted(writeSigningKeys(keys))
    expect(again.map(({ kid, status }) => [kid, status])).toEqual(
      keys.map(({ kid, status }) => [kid, status]),
    )
    expect(writeSigningKeys(again)).toBe(writeSigningKeys(keys))
  })

  test('a kid is the thumbprint of RFC 7638', () => {
    const { x, y } = {
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    }
    // As jose computes it for the key of RFC 7515 A.3.
    expect(thumbprint({ kty: 'EC', crv: 'P-256', x, y })).toBe(
      'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
    )
  })

  test('the key with the status active signs; without statuses the first private key signs [JW12]', () => {
    const [first, second] = [jwkOf(), jwkOf()]
    const publicOnly = { ...jwkOf(), d: undefined }
    expect(statuses(accepted(JSON.stringify({ keys: [publicOnly, first, second] })))).toEqual([
      'retired',
      'active',
      'retired',
    ])
    const marked = { keys: [first, { ...second, status: 'active' }, jwkOf('next')] }
    expect(statuses(accepted(JSON.stringify(marked)))).toEqual(['retired', 'active', 'next'])
  })

  test('the published key set has no private member and names each key that verifies [JW12]', () => {
    const keys = generateSigningKeys()
    const published = publicJwks(keys)
    expect(published.keys.map(({ kid }) => kid)).toEqual(keys.map(({ kid }) => kid))
    for (const jwk of published.keys)
      expect(Object.keys(jwk).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  })

  test('rotation makes the published next key sign, keeps the old one, and adds a next [JW12]', () => {
    const keys = generateSigningKeys()
    const [active, next] = keys
    const rotated = rotate(keys, generateSigningKey('next'))
    expect(statuses(rotated)).toEqual(['retired', 'active', 'next'])
    expect(activeKey(rotated)?.kid).toBe(next?.kid ?? '')
    expect(rotated[0]?.kid).toBe(active?.kid ?? '')
    const retired = retire(rotated)
    expect(statuses(retired)).toEqual(['active', 'next'])
    expect(accepted(writeSigningKeys(retired))).toHaveLength(2)
  })

  test('rotation of a set without a next key only adds one: an unpublished key never signs [JW12]', () => {
    const only = generateSigningKey('active')
    const rotated = rotate([only], generateSigningKey('active'))
    expect(statuses(rotated)).toEqual(['active', 'next'])
    expect(activeKey(rotated)?.kid).toBe(only.kid)
  })

  test('text that is not a JWK set is refused', () => {
    for (const text of ['', '{}', '[]', 'null', '{"keys":1}', '{"keys":[1]}', '{"keys":[[]]}'])
      expect(readSigningKeys(text)).toEqual({ ok: false, refusal: 'is not a JWK set' })
    expect(refusalOf()).toContain('contains 0 keys')
  })

  test('a key of another kind, curve or purpose is refused', () => {
    for (const other of [{ kty: 'RSA' }, { kty: 'oct', k: 'c2VjcmV0' }, { crv: 'P-384' }])
      expect(refusalOf({ ...jwkOf(), ...other })).toContain('not an EC key on the curve P-256')
    for (const other of [{ alg: 'ES384' }, { use: 'enc' }, { alg: null }])
      expect(refusalOf({ ...jwkOf(), ...other })).toContain('not meant for ES256')
  })

  test('coordinates that are not a point of the curve, or halves that do not match, are refused', () => {
    const jwk = jwkOf()
    expect(refusalOf({ ...jwk, x: 1 })).toContain('malformed')
    expect(refusalOf({ ...jwk, x: `${jwk.x}=` })).toContain('malformed')
    expect(refusalOf({ ...jwk, x: jwk.y, y: jwk.x })).toContain('not a point')
    expect(refusalOf({ ...jwk, d: jwkOf().d })).toContain('does not match')
    expect(refusalOf({ ...jwk, d: 'A'.repeat(43) })).toContain('does not match')
    expect(refusalOf({ ...jwk, d: 7 })).toContain('does not match')
  })

  test('sample keys that everybody can read are refused [CF1]', () => {
    const rfc7515 = {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
    }
    const rfc7517 = {
      kty: 'EC',
      crv: 'P-256',
      x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
    }
    expect(refusalOf(rfc7515)).toContain('sample key')
    expect(refusalOf(jwkOf(), rfc7517)).toBe('key 2 is a known sample key')
  })

  test('a kid that is not the thumbprint is refused', () => {
    expect(refusalOf({ ...jwkOf(), kid: 'my-key' })).toContain('not its thumbprint')
  })

  test('statuses that do not say which key signs are refused', () => {
    expect(refusalOf(jwkOf('active'), jwkOf('active'))).toContain('two keys as active')
    expect(refusalOf(jwkOf('next'), jwkOf('retired'))).toContain('no key to sign')
    expect(refusalOf({ ...jwkOf('active'), d: undefined })).toContain('without its private part')
    expect(refusalOf({ ...jwkOf('next'), d: undefined })).toContain('without its private part')
    expect(refusalOf(jwkOf('old'))).toContain('unknown status')
    const twice = jwkOf()
    expect(refusalOf(twice, twice)).toBe('contains a key twice')
  })

  test('a refusal shows no part of a key', () => {
    const jwk = jwkOf()
    const refusal = refusalOf({ ...jwk, kid: 'my-key' }) ?? ''
    for (const part of [jwk.x, jwk.y, jwk.d, 'my-key']) expect(refusal).not.toContain(String(part))
  })
})
