import { describe, expect, test } from 'bun:test'
import { hash } from '@node-rs/argon2'
import {
  ARGON2_PARAMETERS,
  assertStrongEnough,
} from '../../../src/adapters/crypto/argon2-parameters.ts'
import { makeArgon2Passwords } from '../../../src/adapters/crypto/argon2-passwords.ts'
import type { Password } from '../../../src/domain/passwords/password.ts'
import { parsePassword } from '../../../src/domain/passwords/password.ts'
import type { AddressPrefix } from '../../../src/domain/shared/address-prefix.ts'

const password = (text: string): Password => {
  const parsed = parsePassword(text)
  if (parsed === null) throw new Error('not a password')
  return parsed
}
const HORSE = password('correct horse battery staple')
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
      expect(await passwords.matches(password(text), stored, null)).toEqual({
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
      const stored = await passwords.hash(password(kept), null)
      expect((await passwords.matches(password(tried), stored, null)).matches).toBe(false)
      expect((await passwords.matches(password(kept), stored, null)).matches).toBe(true)
    }
  })

  test('a hash with older parameters matches and is reported as outdated, but not for a wrong password [PW5]', async () => {
    const passwords = await open()
    const older = await hash(HORSE, { memoryCost: 8192, timeCost: 2, parallelism: 1 })
    expect(await passwords.matches(HORSE, older, null)).toEqual({ matches: true, outdated: true })
    expect(await passwords.matches(password('wrong'), older, null)).toEqual({
      matches: false,
      outdated: false,
    })
  })

  const SALT = Buffer.from('sixteen bytes !!').toString('base64').replaceAll('=', '')
  const OUTPUT = Buffer.alloc(32, 1).toString('base64').replaceAll('=', '')
  test.each([
    ['nothing', ''],
    ['another text', 'hunter2'],
    ['a hash that was cut', '$argon2id$v=19$m=12288,t=3,p=1$c29tZXNhbHQ'],
    ['4 GiB of memory', `$argon2id$v=19$m=4194304,t=3,p=1$${SALT}$${OUTPUT}`],
    ['more memory than 64 MiB', `$argon2id$v=19$m=65537,t=1,p=1$${SALT}$${OUTPUT}`],
    ['a million passes', `$argon2id$v=19$m=8,t=1000000,p=1$${SALT}$${OUTPUT}`],
    ['too many passes for its memory', `$argon2id$v=19$m=65536,t=5,p=1$${SALT}$${OUTPUT}`],
    ['sixteen lanes', `$argon2id$v=19$m=12288,t=3,p=16$${SALT}$${OUTPUT}`],
    ['less memory than its lanes need', `$argon2id$v=19$m=8,t=3,p=4$${SALT}$${OUTPUT}`],
    ['no pass', `$argon2id$v=19$m=12288,t=0,p=1$${SALT}$${OUTPUT}`],
    ['negative memory', `$argon2id$v=19$m=-1,t=3,p=1$${SALT}$${OUTPUT}`],
    ['memory past 32 bits', `$argon2id$v=19$m=4294967296,t=3,p=1$${SALT}$${OUTPUT}`],
    ['another algorithm', `$argon2d$v=19$m=12288,t=3,p=1$${SALT}$${OUTPUT}`],
    ['an older version', `$argon2id$v=16$m=12288,t=3,p=1$${SALT}$${OUTPUT}`],
    ['a short salt', `$argon2id$v=19$m=12288,t=3,p=1$YWJj$${OUTPUT}`],
    ['an output of one byte', `$argon2id$v=19$m=12288,t=3,p=1$${SALT}$AQ`],
    ['stray bits', `$argon2id$v=19$m=12288,t=3,p=1$${SALT}$${OUTPUT.slice(0, -1)}F`],
    ['a line break', `$argon2id$v=19$m=12288,t=3,p=1$${SALT}$${OUTPUT}\n`],
    ['bcrypt', '$2b$12$abcdefghijklmnopqrstuuVRfGhIjKlMnOpQrStUvWxYz01234567'],
  ])(
    'a stored hash of %s is refused like a wrong password and is not computed [PW14]',
    async (_, stored) => {
      let verified = 0
      const passwords = await open(() => {
        verified += 1
      })
      expect(passwords.isUsable(stored)).toBe(false)
      const startedAt = performance.now()
      const match = await passwords.matches(HORSE, stored, null)
      expect(match).toEqual({ matches: false, outdated: false })
      // The decoy is compared instead, so that the answer takes as long as any other refusal.
      expect(verified).toBe(1)
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

    const hashes = prefixes.map((prefix) => passwords.hash(HORSE, prefix))
    expect(passwords.isFull(stranger)).toBe(false)
    const hashed = await Promise.allSettled(hashes)
    expect(hashed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1 + 16)
  })
})
