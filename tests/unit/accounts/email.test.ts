import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { localPart, parseEmail } from '../../../src/domain/accounts/email.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

const parsed = (text: string): string | null => {
  const email = parseEmail(text)
  return email.ok ? email.value : null
}

describe('an email address', () => {
  test.each([
    ['A@X.com', 'a@x.com'],
    ['a@x.COM', 'a@x.com'],
    ['  a@x.com ', 'a@x.com'],
    ['ａ@ｘ.com', 'a@x.com'],
    ['\u212a@x.com', 'k@x.com'],
    ["o'neil+tag/x=1@mail.example.co.uk", "o'neil+tag/x=1@mail.example.co.uk"],
  ])('%p is the address %p [RG4]', (text, expected) => {
    expect(parsed(text)).toBe(expected)
  })

  test.each([
    ['a@bücher.example', 'a@xn--bcher-kva.example'],
    ['a@xn--bcher-kva.example', 'a@xn--bcher-kva.example'],
    ['a@BU\u0308CHER.example', 'a@xn--bcher-kva.example'],
    ['a@例え。テスト', 'a@xn--r8jz45g.xn--zckzah'],
  ])('%p has the A-label domain of %p [RG5]', (text, expected) => {
    expect(parsed(text)).toBe(expected)
  })

  test.each([
    ['a\uff20x.com'],
    ['a\ufe6bx.com'],
    ['a\uff20b@x.com'],
    ['a\uff20b.com@x.com'],
    ['a@x.com\uff20b.com'],
    ['a@b@x.com'],
    ['a@@x.com'],
    ['ax.com'],
    ['@x.com'],
    ['a@'],
    [''],
    ['@'],
  ])('%p does not have exactly one at sign between two parts and is refused [RG5]', (text) => {
    expect(parsed(text)).toBeNull()
  })

  test('a local part of 64 characters is the longest [RG5]', () => {
    expect(parsed(`${'a'.repeat(64)}@x.com`)).not.toBeNull()
    expect(parsed(`${'a'.repeat(65)}@x.com`)).toBeNull()
  })

  test('an address of 254 characters is the longest, counted with A-labels [RG5]', () => {
    const domain = (first: number) =>
      [...[first, 63, 63].map((length) => 'd'.repeat(length)), 'com'].join('.')
    expect(parsed(`${'a'.repeat(63)}@${domain(58)}`)?.length).toBe(254)
    expect(parsed(`${'a'.repeat(64)}@${domain(58)}`)).toBeNull()
    const inUmlauts = `${'a'.repeat(64)}@${Array.from({ length: 9 }, () => 'ü'.repeat(19)).join('.')}.de`
    expect(inUmlauts.length).toBeLessThan(254)
    expect(parsed(inUmlauts)).toBeNull()
  })

  test.each([
    ['a@x.com/'],
    ['a@x.com\\'],
    ['a@x.com:80'],
    ['a@x.com:'],
    ['a@/x.com'],
    ['a@x.com?'],
    ['a@x.com#'],
    ['a@ex%61mple.com'],
    ['a@x。com／'],
    ['a@[127.0.0.1]'],
    ['a@127.0.0.1'],
    ['a@0x7f.1'],
    ['a@localhost'],
    ['a@x.com.'],
    ['a@.x.com'],
    ['a@x..com'],
    ['a@-x.com'],
    ['a@x-.com'],
    ['a@x_y.com'],
    ['a@xn--a.com'],
    ['a@x.1om'],
    [`a@${'d'.repeat(64)}.com`],
    ['a@x y.com'],
  ])('%p has no valid domain and is refused [RG5]', (text) => {
    expect(parsed(text)).toBeNull()
  })

  test.each([
    ['.a@x.com'],
    ['a.@x.com'],
    ['a..b@x.com'],
    ['a b@x.com'],
    ['"a"@x.com'],
    ['ä@x.com'],
  ])('%p has no valid local part and is refused', (text) => {
    expect(parsed(text)).toBeNull()
  })

  test.each([...INVISIBLE_CHARACTERS])('with %s anywhere it is refused [RG3]', (_, character) => {
    const texts = [`${character}a@x.com`, `a${character}@x.com`, `a@x${character}.com`]
    expect([...texts, `a@x.com${character}`].map(parsed)).toEqual([null, null, null, null])
  })

  test('parsed again does not change', () => {
    fc.assert(
      fc.property(fc.oneof(fc.emailAddress(), fc.string({ unit: 'grapheme' })), (text) => {
        const email = parsed(text)
        expect(email === null ? null : parsed(email)).toBe(email)
      }),
    )
  })

  test('has a local part before the at sign', () => {
    const email = parseEmail('John.Doe@example.com')
    expect(email.ok && localPart(email.value)).toBe('john.doe')
  })

  test.each([...CRAFTED_TEXTS])('made of 50 kB of %s is refused quickly [FZ5]', (_, text) => {
    expect(parsed(text)).toBeNull()
    expect(processorMilliseconds(() => parsed(text))).toBeLessThan(5)
  })
})
