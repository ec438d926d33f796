import { createECDH, createHash } from 'node:crypto'
import type { Result } from '../../domain/result.ts'
import { fail, ok } from '../../domain/result.ts'

export const KEY_STATUSES = ['next', 'active', 'retired'] as const
export type KeyStatus = (typeof KEY_STATUSES)[number]

/** One key of the set as JWT_KEYS writes it (RFC 7517): P-256, the private half being `d`. */
export type SigningKey = {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  /** Absent when only verifying is left to do. */
  readonly d?: string
  readonly alg: 'ES256'
  readonly use: 'sig'
  /** The thumbprint of RFC 7638. */
  readonly kid: string
  readonly status: KeyStatus
  /** When another key took over signing, RFC 3339. */
  readonly retiredAt?: string
}

/** Exactly one key is active, and it has its private half. */
export type SigningKeys = readonly SigningKey[]

/** A new random key pair. */
export const makeSigningKey = (status: KeyStatus): SigningKey => keyOf(randomScalar(), status)

/** Reads a JWK set. The refusal is a sentence without anything of the set in it. */
export const parseSigningKeys = (text: string): Result<SigningKeys, string> => {
  const entries = entriesOf(text)
  if (entries === null) return fail('must be a JWK set: {"keys":[…]} with at least one key')
  const active = activeAmong(entries)
  const keys: SigningKey[] = []
  for (const [index, entry] of entries.entries()) {
    const key = readKey(entry, index === active ? 'active' : 'retired')
    if (!key.ok) return fail(`key ${index + 1} ${key.refusal}`)
    keys.push(key.value)
  }
  return checkSet(keys)
}

export const writeSigningKeys = (keys: SigningKeys): string => JSON.stringify({ keys })

const isPrivate = (key: SigningKey): boolean => key.d !== undefined

const checkSet = (keys: SigningKeys): Result<SigningKeys, string> => {
  const active = keys.filter(({ status }) => status === 'active')
  if (active.length !== 1) return fail('must have exactly one active key')
  if (keys.some((key) => key.status !== 'retired' && !isPrivate(key)))
    return fail('must have the private half of each key that is not retired')
  return new Set(keys.map(({ kid }) => kid)).size === keys.length
    ? ok(keys)
    : fail('must not have one key twice')
}

type Members = {
  readonly [name in 'keys' | keyof SigningKey]?: unknown
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Where no key is marked active, the first private one without a mark is. */
const activeAmong = (entries: readonly unknown[]): number => {
  const marked = entries.some((entry) => isMembers(entry) && entry.status === 'active')
  return entries.findIndex(
    (entry) =>
      isMembers(entry) &&
      (marked
        ? entry.status === 'active'
        : entry.status === undefined && typeof entry.d === 'string'),
  )
}

const entriesOf = (text: string): readonly unknown[] | null => {
  try {
    const set: unknown = JSON.parse(text)
    const keys = isMembers(set) ? set.keys : null
    return Array.isArray(keys) && keys.length > 0 ? keys : null
  } catch {
    return null
  }
}

const readKey = (entry: unknown, unmarked: KeyStatus): Result<SigningKey, string> => {
  if (!isMembers(entry)) return fail('must be an object')
  const { kty, crv, alg = 'ES256', use = 'sig', x, y, d, kid, retiredAt } = entry
  if (kty !== 'EC' || crv !== 'P-256' || alg !== 'ES256' || use !== 'sig')
    return fail('must be an EC key on P-256 for ES256 signatures')
  const status = KEY_STATUSES.find((known) => known === (entry.status ?? unmarked))
  if (status === undefined) return fail(`must have one of the statuses ${KEY_STATUSES.join(', ')}`)
  if (!isCoordinate(x) || !isCoordinate(y)) return fail('must have x and y of 32 bytes each')
  const time = typeof retiredAt === 'string' && !Number.isNaN(Date.parse(retiredAt))
  const read: SigningKey = {
    ...{ kty, crv, x, y, alg, use, kid: thumbprint(x, y), status },
    ...(time ? { retiredAt } : {}),
  }
  if (kid !== undefined && kid !== read.kid)
    return fail('must have its RFC 7638 thumbprint as kid, or none')
  if (d === undefined) return ok(read)
  return isCoordinate(d) ? withPrivateHalf(read, d) : fail('must have d of 32 bytes')
}

const withPrivateHalf = (key: SigningKey, d: string): Result<SigningKey, string> => {
  if (PUBLISHED.includes(d)) return fail('is a sample key of a standard')
  if (new Set(Buffer.from(d, 'base64url')).size < 12) return fail('is too easy to guess')
  const own = pointOf(d)
  return own !== null && own.x === key.x && own.y === key.y
    ? ok({ ...key, d })
    : fail('must have halves that belong together')
}

// RFC 7517 A.2 and RFC 7515 A.3 print these with their private halves.
const PUBLISHED = [
  '870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE',
  'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
]

const isCoordinate = (value: unknown): value is string =>
  typeof value === 'string' && /^[\w-]{43}$/.test(value)

const pointOf = (d: string): { readonly x: string; readonly y: string } | null => {
  const curve = createECDH('prime256v1')
  try {
    curve.setPrivateKey(Buffer.from(d, 'base64url'))
  } catch {
    return null
  }
  const point = curve.getPublicKey() // 0x04, then x and y
  return {
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
}

const randomScalar = (): string => {
  const curve = createECDH('prime256v1')
  curve.generateKeys()
  // A scalar below 2^248 comes without its leading zeros.
  return Buffer.concat([Buffer.alloc(32), curve.getPrivateKey()])
    .subarray(-32)
    .toString('base64url')
}

const keyOf = (d: string, status: KeyStatus): SigningKey => {
  const point = pointOf(d)
  if (point === null) throw new Error('the curve refused its own key')
  const kid = thumbprint(point.x, point.y)
  return { kty: 'EC', crv: 'P-256', ...point, d, alg: 'ES256', use: 'sig', kid, status }
}

const thumbprint = (x: string, y: string): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url')
