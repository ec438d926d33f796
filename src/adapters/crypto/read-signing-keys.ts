import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyStatus } from '../../domain/sessions/signing-key.ts'
import { KEY_STATUSES } from '../../domain/sessions/signing-key.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { PublicJwk, SigningKey, SigningKeys } from './signing-keys.ts'
import { thumbprint } from './signing-keys.ts'

type Draft = Omit<SigningKey, 'status'> & { readonly status: KeyStatus | null }

const MOST_KEYS = 16
// 32 bytes in canonical base64url: the last character carries four bits (RFC 7518 §6.2.1.2).
const COORDINATE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

// The x coordinates of P-256 keys whose private part is printed in a standard or a tutorial.
const SAMPLE_KEYS: ReadonlySet<string> = new Set([
  'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', // RFC 7515 A.3
  'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', // RFC 7517 A.1 and A.2
  'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0', // RFC 7518 C, Alice
  'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ', // RFC 7518 C, Bob
  'YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y', // RFC 6979 A.2.5
  'EVs_o5-uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf84', // the ES256 example of jwt.io
  'axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY', // the curve's base point: the private key 1
])

/**
 * Parses a JWK set (RFC 7517) of P-256 keys. The key with the status `active` signs; when no key has it, the first
 * private key without a status signs. A refusal says what is wrong and never shows a value.
 */
export const readSigningKeys = (text: string): Result<SigningKeys, string> => {
  const jwks = parseJwks(text)
  if (jwks === null) return fail('is not a JWK set')
  if (jwks.length < 1 || jwks.length > MOST_KEYS)
    return fail(`contains ${jwks.length} keys, and must contain 1 to 16`)
  const drafts: Draft[] = []
  for (const [index, jwk] of jwks.entries()) {
    const draft = readKey(jwk)
    if (!draft.ok) return fail(`key ${index + 1} ${draft.refusal}`)
    drafts.push(draft.value)
  }
  return new Set(drafts.map(({ kid }) => kid)).size < drafts.length
    ? fail('contains a key twice')
    : withSigner(drafts)
}

const withSigner = (drafts: readonly Draft[]): Result<SigningKeys, string> => {
  const marked = drafts.filter(({ status }) => status === 'active')
  if (marked.length > 1) return fail('marks two keys as active')
  const signer = marked[0] ?? drafts.find((key) => key.status === null && key.privateKey !== null)
  if (signer === undefined) return fail('has no key to sign with')
  return ok(
    drafts.map((key) => ({
      ...key,
      status: key === signer ? 'active' : (key.status ?? 'retired'),
    })),
  )
}

const readKey = (jwk: Readonly<Record<string, unknown>>): Result<Draft, string> => {
  const { kty, crv, x, y, d, kid, alg = 'ES256', use = 'sig', status = null } = jwk
  if (kty !== 'EC' || crv !== 'P-256') return fail('is not an EC key on the curve P-256')
  if (alg !== 'ES256' || use !== 'sig') return fail('is not meant for ES256 signatures')
  if (!isCoordinate(x) || !isCoordinate(y)) return fail('has a malformed coordinate')
  const publicJwk: PublicJwk = { kty, crv, x, y }
  if (!isOnCurve(publicJwk)) return fail('is not a point of the curve P-256')
  if (SAMPLE_KEYS.has(x)) return fail('is a known sample key')
  const name = thumbprint(publicJwk)
  if (kid !== undefined && kid !== name) return fail('has a kid that is not its thumbprint')
  const mark = KEY_STATUSES.find((known) => known === status) ?? null
  if (status !== null && mark === null) return fail('has an unknown status')
  if (d === undefined)
    return mark === 'active' || mark === 'next'
      ? fail(`is ${mark} without its private part`)
      : ok({ kid: name, status: mark, publicJwk, privateKey: null })
  if (!isCoordinate(d) || !belongsTogether(publicJwk, d))
    return fail('has a private part that does not match its public part')
  const privateKey = createPrivateKey({ key: { ...publicJwk, d }, format: 'jwk' })
  return ok({ kid: name, status: mark, publicJwk, privateKey })
}

const isCoordinate = (value: unknown): value is string =>
  typeof value === 'string' && COORDINATE.test(value)

const isOnCurve = (jwk: PublicJwk): boolean => {
  try {
    createPublicKey({ key: jwk, format: 'jwk' })
    return true
  } catch {
    return false
  }
}

/** Computes the public half from the private one, because not every runtime compares them when it imports a key. */
const belongsTogether = ({ x, y }: PublicJwk, d: string): boolean => {
  try {
    const pair = createECDH('prime256v1')
    pair.setPrivateKey(Buffer.from(d, 'base64url'))
    const point = pair.getPublicKey()
    return (
      point.subarray(1, 33).toString('base64url') === x &&
      point.subarray(33).toString('base64url') === y
    )
  } catch {
    return false
  }
}

const parseJwks = (text: string): Record<string, unknown>[] | null => {
  try {
    const jwks: unknown = JSON.parse(text)
    if (!isRecord(jwks)) return null
    const { keys } = jwks
    return Array.isArray(keys) && keys.every(isRecord) ? keys : null
  } catch {
    return null
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
