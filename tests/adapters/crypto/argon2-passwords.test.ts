import { describe, expect, test } from 'bun:test'
import { hash } from '@node-rs/argon2'
import {
  ARGON2_PARAMETERS,
  assertStrongEnough,
} from '../../../src/adapters/crypto/argon2-parameters.ts'
import { makeArgon2Passwords } from '../../../src/adapters/crypto/argon2-passwords.ts'
import type { AddressPrefix } from '../../../src/domain/shared/address-prefix.ts'
import { givenPassword } from '../../support/builders/accounts/given-users.ts'
import {
  judgementOf,
  REFUSED_LIKE_A_WRONG_PASSWORD,
  UNUSABLE_HASHES,
} from '../../support/builders/passwords/unusable-hashes.ts'

const HORSE = givenPassword('correct horse battery staple')
const open = (onVerified = () => {}) =>
  makeArgon2Passwords({ parameters: ARGON2_PARAMETERS, inFlight: 2, onVerified })

describe('passwords hashed by argon2id', () => {
  test('the same password twice gives different PHC strings that both match [PW6]', async () => {
    const passwords = await open()
    const [first, second] = await Promise.all([
      passwords.hash(HORSE, null),
      passwords.hash(HORSE, null),
    ])
    expect(first).toStartWith('$argon2id$v=19$m=12288,t=3,p=1$')
    expect(first).not.toBe(second)
    for (const stored of [first, second])
      expect(await passwords.matches(HORSE, stored, null)).toEqual({
        matches: true,
        outdated: false,
      })
  })

  test('a hash refuses every other password', async () => {
    const passwords = await open()
    const stored = await passwords.hash(HORSE, null)
    for (const text of ['Correct horse battery staple', 'correct horse battery staple ', '', 'é'])
      expect(await passwords.matches(givenPassword(text), stored, null)).toEqual({
        matches: false,
        outdated: false,
      })
  })

  test('passwords that differ only after byte 72, after a NUL or in edge spaces differ [RG8]', async () => {
    const passwords = await open()
    const long = 'x'.repeat(72)
    for (const [kept, tried] of [
      [`${long}a`, `${long}b`],
      ['secret\0one', 'secret\0two'],
      [' spaced', 'spaced'],
    ] as const) {
      const stored = await passwords.hash(givenPassword(kept), null)
      expect((await passwords.matches(givenPassword(tried), stored, null)).matches).toBe(false)
      expect((await passwords.matches(givenPassword(kept), stored, null)).matches).toBe(true)
    }
  })

  test('a hash with older parameters matches and is reported as outdated, but not for a wrong password [PW5]', async () => {
    const passwords = await open()
    const older = await hash(HORSE, { memoryCost: 8192, timeCost: 2, parallelism: 1 })
    expect(await passwords.matches(HORSE, older, null)).toEqual({ matches: true, outdated: true })
    expect(await passwords.matches(givenPassword('wrong'), older, null)).toEqual({
      matches: false,
      outdated: false,
    })
  })

  test.each(UNUSABLE_HASHES)(
    'a stored hash of %s is refused like a wrong password and is not computed [PW14]',
    async (_, stored) => {
      const startedAt = performance.now()
      expect(await judgementOf(open, stored)).toEqual(REFUSED_LIKE_A_WRONG_PASSWORD)
      expect(performance.now() - startedAt).toBeLessThan(2000)
    },
  )

  test('hashes of today, of the past and of other libraries are usable [PW14]', async () => {
    const passwords = await open()
    expect(passwords.isUsable(await passwords.hash(HORSE, null))).toBe(true)
    for (const [memoryCost, timeCost, parallelism] of [
      [8, 1, 1],
      [8192, 2, 1],
      [47104, 1, 1],
      [65536, 3, 4],
      [65536, 4, 1],
    ] as const) {
      const stored = await hash(HORSE, { memoryCost, timeCost, parallelism })
      expect(passwords.isUsable(stored)).toBe(true)
      expect((await passwords.matches(HORSE, stored, null)).matches).toBe(true)
    }
  })

  test('a missing hash is compared with a decoy and never matches', async () => {
    let verified = 0
    const passwords = await open(() => {
      verified += 1
    })
    expect(await passwords.matches(HORSE, null, null)).toEqual({ matches: false, outdated: false })
    expect(verified).toBe(1)
  })

  test('each row of the OWASP table is accepted, and anything under it is refused [PW6]', () => {
    const rows = [
      [47104, 1],
      [19456, 2],
      [12288, 3],
      [9216, 4],
      [7168, 5],
    ] as const
    for (const [memoryKiB, iterations] of rows) {
      expect(() => assertStrongEnough({ memoryKiB, iterations, parallelism: 1 })).not.toThrow()
      expect(() =>
        assertStrongEnough({ memoryKiB: memoryKiB - 1, iterations, parallelism: 1 }),
      ).toThrow('weaker than the OWASP table')
    }
    expect(() => assertStrongEnough({ ...ARGON2_PARAMETERS, parallelism: 0 })).toThrow()
  })

  test('a hasher with weak parameters cannot be made [PW6]', async () => {
    const parameters = { memoryKiB: 12288, iterations: 2, parallelism: 1 }
    await expect(makeArgon2Passwords({ parameters, inFlight: 2 })).rejects.toThrow('OWASP')
  })

  test('a hash that does not fit in the queue is refused at once as unavailable [PW10]', async () => {
    let verified = 0
    const passwords = await makeArgon2Passwords({
      parameters: ARGON2_PARAMETERS,
      inFlight: 1,
      waiting: 3,
      onVerified: () => {
        verified += 1
      },
    })
    expect(passwords.isFull(null)).toBe(false)
    const offered = Array.from({ length: 50 }, () => passwords.matches(HORSE, null, null))
    expect(passwords.isFull(null)).toBe(true)
    await expect(passwords.reserve(null, async () => 'in')).rejects.toThrow('full')
    const outcomes = await Promise.allSettled(offered)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(46)
    expect(refused[0]?.reason).toMatchObject({ name: 'Unavailable', retryAfterSeconds: 1 })
    expect(verified).toBe(4)
    expect(passwords.isFull(null)).toBe(false)
  })

  test('only as many callers as may hash and wait are let in to do the work before hashing [PW10]', async () => {
    const passwords = await makeArgon2Passwords({
      parameters: ARGON2_PARAMETERS,
      inFlight: 1,
      waiting: 3,
    })
    let begun = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    const offered = Array.from({ length: 50 }, () =>
      passwords.reserve(null, () => {
        begun += 1
        return promise
      }),
    )
    expect(begun).toBe(4)
    expect(passwords.isFull(null)).toBe(true)
    resolve()
    const outcomes = await Promise.allSettled(offered)
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(46)
    expect(refused[0]?.reason).toMatchObject({ name: 'Unavailable', retryAfterSeconds: 1 })
    expect(passwords.isFull(null)).toBe(false)
    expect(await passwords.reserve(null, async () => 'in')).toBe('in')
  })

  test('all addresses of one IPv6 site have a quarter of the waiting places, and others find room [PW13]', async () => {
    const passwords = await makeArgon2Passwords({
      parameters: ARGON2_PARAMETERS,
      inFlight: 1,
      waiting: 64,
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    const prefixes = Array.from(
      { length: 80 },
      (_, index) => `2001:db8:7:${index.toString(16)}::/64` as AddressPrefix,
    )
    const stranger = '2001:db8:8::/64' as AddressPrefix
    const offered = prefixes.map((prefix) => passwords.reserve(prefix, () => promise))
    expect(prefixes.every((prefix) => passwords.isFull(prefix))).toBe(true)
    expect(passwords.isFull(stranger)).toBe(false)
    expect(await passwords.reserve(stranger, async () => 'in')).toBe('in')
    resolve()
    const outcomes = await Promise.allSettled(offered)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1 + 16)

    for (const hashes of [
      () => prefixes.map((prefix) => passwords.hash(HORSE, prefix)),
      () => prefixes.map((prefix) => passwords.matches(HORSE, null, prefix)),
    ]) {
      const asked: Promise<unknown>[] = hashes()
      expect(passwords.isFull(stranger)).toBe(false)
      const answered = await Promise.allSettled(asked)
      expect(answered.filter(({ status }) => status === 'fulfilled')).toHaveLength(1 + 16)
    }
  })
})
