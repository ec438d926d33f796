import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { mendDisplayName, parseDisplayName } from '../../../src/domain/accounts/display-name.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

const parsed = (text: string): string | null => {
  const name = parseDisplayName(text)
  return name.ok ? name.value : null
}

const mended = (text: string): string | null => mendDisplayName(text)

describe('a display name', () => {
  test.each([
    ['John Doe', 'John Doe'],
    ['  John Doe\u3000', 'John Doe'],
    ['Zoe\u0308', 'Zoë'],
    ['<b>"x"</b> \'; DROP TABLE users; --', '<b>"x"</b> \'; DROP TABLE users; --'],
    ['{{7*7}} $(id) %s', '{{7*7}} $(id) %s'],
    ['Ann ❤\ufe0f', 'Ann ❤\ufe0f'],
    ['ｆｕｌｌ', 'ｆｕｌｌ'],
    ['👍🏽', '👍🏽'],
    ['7', '7'],
  ])('%p is kept as %p', (text, expected) => {
    expect(parsed(text)).toBe(expected)
  })

  test('has at most 100 code points', () => {
    expect(parsed('😀'.repeat(100))).toBe('😀'.repeat(100))
    expect(parsed('😀'.repeat(101))).toBeNull()
    expect(parsed('ᾂ'.normalize('NFD').repeat(100))).toBe('ᾂ'.repeat(100))
  })

  test.each([[''], [' '], ['\u3000\u00a0'], ['\u0301'], ['\u2800'], ['\u2800 \u2800']])(
    '%p has no visible character and is refused',
    (text) => {
      expect(parsed(text)).toBeNull()
    },
  )

  test.each([...INVISIBLE_CHARACTERS])('with %s anywhere it is refused [RG3]', (_, character) => {
    const texts = [`${character}John`, `Jo${character}hn`, `John${character}`]
    expect(texts.map(parsed)).toEqual([null, null, null])
  })

  test.each([...CRAFTED_TEXTS])('made of 50 kB of %s is refused quickly [FZ5]', (_, text) => {
    expect(parsed(text)).toBeNull()
    expect(processorMilliseconds(() => parsed(text))).toBeLessThan(5)
  })

  test.each([
    ['Persian, with ZWNJ', 'داده\u200cها'],
    ['Persian, with ZWNJ after a mark', 'مُ\u200cحمد'],
    ['a Persian family name', 'علی\u200cرضا احمدی\u200cنژاد'],
    ['Hindi, with ZWNJ after a virama', 'राज\u094d\u200cकुमार'],
    ['Hindi, with ZWJ after a virama', 'क\u094d\u200dष'],
    ['Sinhala, with ZWJ', 'ශ\u0dca\u200dරී'],
    ['Malayalam, ending with ZWJ', 'മോഹന\u0d4d\u200d'],
    ['Malayalam, ending with ZWNJ', 'സുരേഷ\u0d4d\u200c കുമാര\u0d4d\u200d'],
    ['Kannada, with ZWNJ', 'ರಾಜ\u0ccd\u200cಕುಮಾರ'],
    ['Bengali, with ZWJ before the virama', 'র\u200d\u09cdয\u09beচেল'],
    ['a family of emoji', 'Ann 👩\u200d👩\u200d👧\u200d👦'],
    ['an emoji with skin tone and profession', '👩🏽\u200d🚀'],
    [
      'emoji with selector and joiner',
      '🏳\ufe0f\u200d🌈 ❤\ufe0f\u200d🔥 🏴\u200d☠\ufe0f 🧔🏾\u200d♂\ufe0f',
    ],
    ['an emoji in text style', '☺\ufe0e'],
    ['a keycap', '1\ufe0f\u20e3 #\ufe0f\u20e3'],
    ['the flag of Wales', '🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}'],
    ['the flag of Thailand', '🇹🇭'],
    ['an ideographic variation', '葛\u{e0100}城'],
    ['a standardized variation', '㐂\ufe00'],
    ['Mongolian, with selectors', 'ᠠ\u180bᠨ\u180eᠠ'],
  ])('in %s is kept as it was sent [RG15]', (_, name) => {
    expect(parsed(name)).toBe(name.normalize('NFC'))
    expect(mended(name)).toBe(name.normalize('NFC'))
  })

  test.each([
    ['ZWJ between Latin letters', 'Jo\u200dhn'],
    ['ZWNJ between Latin letters', 'Jo\u200chn'],
    ['ZWNJ between Thai letters', 'สม\u200cชาย'],
    ['ZWJ between Arabic letters', 'عل\u200dی'],
    ['ZWNJ at the end of an Arabic word', 'علی\u200c'],
    ['ZWNJ at the beginning of an Arabic word', '\u200cعلی'],
    ['ZWNJ between an Arabic and a Latin letter', 'ی\u200ca'],
    ['two ZWNJ', 'علی\u200c\u200cرضا'],
    ['ZWJ after an Indic letter without virama', 'क\u200dष'],
    ['ZWJ before a vowel sign', 'क\u094d\u200dा'],
    ['ZWJ and ZWNJ after a virama', 'क\u094d\u200d\u200cष'],
    ['a virama and a joiner without a letter', '\u094d\u200dष'],
    ['ZWJ after the last emoji', '👩\u200d'],
    ['ZWJ before the first emoji', '\u200d👩'],
    ['ZWJ between an emoji and a letter', '👩\u200da'],
    ['two ZWJ between emoji', '👩\u200d\u200d👧'],
    ['ZWJ between digits', '1\u200d2'],
    ['ZWNJ between emoji', '👩\u200c👧'],
    ['a selector after a letter', 'a\ufe0f'],
    ['a selector after a digit', '1\ufe0f'],
    ['two selectors after an emoji', '❤\ufe0f\ufe0f'],
    ['an ideographic selector after a letter', 'a\u{e0100}'],
    ['two ideographic selectors', '葛\u{e0100}\u{e0101}'],
    ['tags after another emoji', '👩\u{e0067}\u{e0062}\u{e0065}\u{e007f}'],
    ['tags without their end', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}'],
    ['too many tags', `🏴${'\u{e0061}'.repeat(7)}\u{e007f}`],
    ['a bidi mark in Arabic', 'علی\u200fرضا'],
    ['an Arabic letter mark', 'علی\u061cرضا'],
    ['a bidi override after an emoji', '👩\u202e'],
    ['a bidi isolate in Persian', 'علی\u2067\u200cرضا'],
  ])('with %s is refused, and mended without it [RG15]', (_, name) => {
    expect(parsed(name)).toBeNull()
    const kept = mended(name) ?? ''
    expect(kept).not.toBe('')
    expect(parsed(kept)).toBe(kept)
    const visible = (text: string) =>
      text.normalize('NFC').replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    expect(visible(kept)).toBe(visible(name))
  })
})

describe('a name that a provider gives', () => {
  test.each([...INVISIBLE_CHARACTERS])('loses %s, and nothing else [RG15]', (_, character) => {
    const texts = [`${character}John`, `Jo${character}hn`, `John${character}`]
    expect(texts.map(mended)).toEqual([
      'John',
      character === '\n' || character === '\u2028' || character === '\u2029' ? 'Jo hn' : 'John',
      'John',
    ])
  })

  test.each([
    ['letters', 'a'.repeat(150), 'a'.repeat(100)],
    ['words', 'Ann Lee '.repeat(20), `${'Ann Lee '.repeat(12)}Ann`],
    ['emoji', '😀'.repeat(150), '😀'.repeat(100)],
    ['letters with marks', 'n\u0304\u0323'.repeat(150), 'ṇ\u0304'.repeat(50)],
    ['families', '👨\u200d👩\u200d👧\u200d👦'.repeat(20), '👨\u200d👩\u200d👧\u200d👦'.repeat(14)],
    ['flags', `a${'🇹🇭'.repeat(80)}`, `a${'🇹🇭'.repeat(49)}`],
    ['letters, before a joiner', `${'a'.repeat(97)}می\u200cخواهم`, `${'a'.repeat(97)}می`],
    ['one letter under many marks', `a${'\u0323'.repeat(150)}`, `ạ${'\u0323'.repeat(99)}`],
    ['half a surrogate pair at the cut', `${'a'.repeat(99)}\ud83d`, 'a'.repeat(99)],
  ])('of too many %s is cut between two characters [RG15]', (_, text, expected) => {
    expect(mended(text)).toBe(expected)
    expect(parsed(expected)).toBe(expected)
  })

  test('of nothing visible is none [RG15]', () => {
    for (const text of ['', '  ', '\u200b\u202e', '\u2800', '\u0301', '\ud83d'])
      expect([text, mended(text)]).toEqual([text, null])
  })

  test('is always one that a person could have chosen [RG15]', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string(), (text, plain) => {
        const kept = mended(text + plain)
        expect(kept === null || parsed(kept) === kept).toBe(true)
      }),
    )
  })

  test.each([...CRAFTED_TEXTS])('made of 50 kB of %s is mended quickly [FZ5]', (_, text) => {
    expect(processorMilliseconds(() => mended(text))).toBeLessThan(10)
  })
})
