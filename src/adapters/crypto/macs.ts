import { createHmac } from 'node:crypto'
import type { Macs } from '../../ports/driven/shared/macs.ts'
import type { MacKey } from './derive-key.ts'
import { deriveKey } from './derive-key.ts'

/**
 * Macs by HMAC-SHA-256 under the first key. A new first key forgets what the one before it named: for the
 * longest lived of these names, idempotency keys, that is a day.
 */
export const makeMacs = ([first]: readonly MacKey[]): Macs => {
  if (first === undefined) throw new Error('no MAC key was given')
  const keys = {
    identifier: deriveKey(first.secret, 'mac identifier'),
    'idempotency-key': deriveKey(first.secret, 'mac idempotency-key'),
    'idempotency-body': deriveKey(first.secret, 'mac idempotency-body'),
  }
  return {
    of: (purpose, text) => createHmac('sha256', keys[purpose]).update(text).digest('base64url'),
  }
}
