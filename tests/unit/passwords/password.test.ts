import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Password } from '../../../src/domain/passwords/password.ts'
import {
  checkLength,
  isMadeOfNames,
  PASSWORD_MAXIMUM,
  parsePassword,
} from '../../../src/domain/passwords/password.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

const given = (text: string): Password => {
  const password = parsePassword(text)
  if (password === null) throw new Error('not a password')
  return password
}

const lengthOf = (text: string, minimum: number): string => {
  const checked = checkLength(given(text), minimum)
  return checked.ok ? 'ok' : checked.refusal
}

describe('a password', () => {
  test('is the same composed and decomposed [PW4]', () => {
    const spellings = ['caf\u00e9 au lait', 'cafe\u0301 au lait'].map(given)
    expect(new Set(spellings).size).toBe(1)
  })

  test('is only changed by NFC: case, width and spaces stay [PW4]', () => {
    for (const text of ['PassWord', 'ｐａｓｓ', ' edge ', 'a\tb\u0000c\u200d', 'ﬁ', '\ufeff'])
      expect<string>(given(text)).toBe(text)
  })

  test.each([
    ['a'.repeat(72), `${'a'.repeat(72)}b`],
    ['é'.repeat(40), `${'é'.repeat(40)}x`],
    ['correct horse\u0000', 'correct horse\u0000battery'],
    ['correct horse', 'correct horse\u0000'],
    ['correct horse', ' correct horse'],
    ['correct horse', 'correct horse '],
  ])('%j is not %j [RG8]', (one, other) => {
    expect(given(one)).not.toBe(given(other))
    expect<string>(given(other)).toBe(other)
  })

  test('of whole characters is never truncated, and only changed by NFC [RG8]', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 128 }), (text) => {
        expect<string | null>(parsePassword(text)).toBe(
          text.isWellFormed() ? text.normalize('NFC') : null,
        )
      }),
    )
  })

  test.each([['\ud83d'], ['pass\udc00word'], ['\ude00\ud83d and more']])(
    '%j has half a surrogate pair and is not a password',
    (text) => {
      expect(parsePassword(text)).toBeNull()
    },
  )

  test('of a megabyte is refused before it is processed [RG7]', () => {
    const megabytes = ['a'.repeat(1_000_000), '\u0301\u0327'.repeat(250_000)]
    expect(megabytes.map(parsePassword)).toEqual([null, null])
    for (const text of megabytes)
      expect(processorMilliseconds(() => parsePassword(text))).toBeLessThan(10)
  })

  test.each([...CRAFTED_TEXTS])('made of 50 kB of %s is refused quickly [FZ5]', (_, text) => {
    expect(parsePassword(text)).toBeNull()
    expect(processorMilliseconds(() => parsePassword(text))).toBeLessThan(5)
  })
})

describe('the length of a password', () => {
  test('is counted in code points: four emoji are not eight characters [PW1]', () => {
    expect(lengthOf('😀😁😂😃', 8)).toBe('too-short')
    expect(lengthOf('😀😁😂😃😄😅😆😇', 8)).toBe('ok')
    expect(lengthOf('e\u0301'.repeat(7), 8)).toBe('too-short')
    expect(lengthOf('e\u0301'.repeat(8), 8)).toBe('ok')
  })

  test.each([[8], [12], [64]])(
    'may be the configured minimum of %d, not one less [PW1]',
    (least) => {
      expect(lengthOf('x'.repeat(least - 1), least)).toBe('too-short')
      expect(lengthOf('x'.repeat(least), least)).toBe('ok')
    },
  )

  test.each([
    ['x', 64],
    ['x', 128],
    ['😀', 128],
    ['\u1f02'.normalize('NFD'), 128],
  ])('of %j may reach %d code points [RG7]', (character, count) => {
    expect(lengthOf(character.repeat(count), 12)).toBe('ok')
  })

  test('beyond 128 code points is too long [RG7]', () => {
    expect(lengthOf('x'.repeat(PASSWORD_MAXIMUM + 1), 12)).toBe('too-long')
    expect(lengthOf('😀'.repeat(PASSWORD_MAXIMUM + 1), 12)).toBe('too-long')
  })

  test('is the only rule for its characters [PW2]', () => {
    const passwords = ['correct horse battery', '            ', 'รหัสผ่านยาวมาก', '111111111111']
    expect(passwords.map((text) => lengthOf(text, 12))).toEqual(['ok', 'ok', 'ok', 'ok'])
  })
})

describe('a password made of names', () => {
  const names = ['auth-service', 'johndoe', 'john.doe@example.com', 'john.doe', 'al']

  test.each([
    ['johndoe-2026!'],
    ['JOHNDOEJOHNDOE'],
    ['john.doe@example.com'],
    ['John Doe 1234'],
    ['j-o-h-n-d-o-e-99'],
    ['Auth-Service-1'],
    ['authservice2026abc'],
    ['ｊｏｈｎｄｏｅ２０２６'],
    ['johndoeauthservice'],
  ])('is what %j is [PW3]', (text) => {
    expect(isMadeOfNames(given(text), names)).toBe(true)
  })

  test.each([
    ['johndoe likes tea'],
    ['correct horse battery'],
    ['alalalalalal'],
    ['1234567890123'],
    ['!!!!!!!!!!!!'],
    ['johndoe-wxyz'],
  ])('is not what %j is [PW3]', (text) => {
    expect(isMadeOfNames(given(text), names)).toBe(false)
  })

  test('is none where there are no names to be made of', () => {
    expect(isMadeOfNames(given('johndoe-2026!'), [])).toBe(false)
    expect(isMadeOfNames(given('johndoe-2026!'), ['', '--', 'x'])).toBe(false)
  })

  test('is recognised quickly, however long the names are [FZ5]', () => {
    const password = given('\ufdfa'.repeat(128))
    const long = ['\ufdfa', 'a'.repeat(254), ...names]
    expect(processorMilliseconds(() => isMadeOfNames(password, long))).toBeLessThan(5)
  })
})
