import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose'
import { createLocalJWKSet, errors } from 'jose'
import type { Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Call } from './call.ts'
import { makeDocumentCache } from './document-cache.ts'
import { failure } from './provider-fault.ts'

export type KeySet = { within(call: Call): JWTVerifyGetKey }

/** The public keys of a provider. An unknown key id makes them be fetched again, at most once in 30 s. */
export const makeKeySet = (address: (call: Call) => Promise<string>, now: Monotonic): KeySet => {
  const keys = makeDocumentCache(
    async (call) => readKeys(await (await call(await address(call))).text()),
    now,
  )
  return {
    within: (call) => async (header, token) => {
      const known = await keys.get(call)
      try {
        return await known(header, token)
      } catch (fault) {
        if (!(fault instanceof errors.JWKSNoMatchingKey)) throw fault
        return (await keys.refresh(call))(header, token)
      }
    },
  }
}

const readKeys = (text: string): JWTVerifyGetKey => {
  try {
    const set: JSONWebKeySet = JSON.parse(text)
    // Throws when the shape is not that of a key set.
    const keyOf = createLocalJWKSet(set)
    // A set without a signature key would replace good keys for an hour.
    if (!set.keys.some(({ kty, use = 'sig' }) => kty === 'RSA' && use === 'sig'))
      throw new Error('the set has no RSA signature key')
    return keyOf
  } catch (fault) {
    throw failure('its keys are no key set', fault)
  }
}
