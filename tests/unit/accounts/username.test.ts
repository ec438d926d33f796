import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { canonicalUsername, parseUsername } from '../../../src/domain/accounts/username.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

const outcome = (text: string): string => {
  const username = parseUsername(text)
  return username.ok ? username.value : username.refusal
}

const folded = (text: string): string => canonicalUsername(text)

describe('a username', () => {
  test.each([
    ['john_doe-1.x', 'john_doe-1.x'],
    ['Zoë', 'Zoë'],
    ['Zoe\u0308', 'Zoë'],
    ['ｊｏｈｎ', 'john'],
    ['ﬁona', 'fiona'],
    ['Иван_2', 'Иван_2'],
    ['Γιάννης', 'Γιάννης'],
    ['สมชาย', 'สมชาย'],
    ['יוסי', 'יוסי'],
    ['राम_२', 'राम_२'],
    ['山田さん', '山田さん'],
    ['スーパー', 'スーパー'],
    ['taro山田カナ', 'taro山田カナ'],
    ['김철수kim', '김철수kim'],
    ['陳ㄔㄣchen', '陳ㄔㄣchen'],
    ['ẹ̀ẹ́ẹ̀', 'ẹ̀ẹ́ẹ̀'],
  ])('%p is parsed as %p', (text, expected) => {
    expect(outcome(text)).toBe(expected)
  })

  test('has 3 to 30 code points', () => {
    expect(['ab', 'abc', 'a'.repeat(30), 'a'.repeat(31)].map(outcome)).toEqual([
      'length',
      'abc',
      'a'.repeat(30),
      'length',
    ])
    expect(outcome('𠮷𠮷')).toBe('length')
    expect(outcome('𠮷'.repeat(30))).toBe('𠮷'.repeat(30))
    expect(outcome('ﷺ'.repeat(2))).toBe('length')
  })

  test.each([
    ['john@example.com'],
    ['john\uff20example.com'],
    ['john\ufe6bexample.com'],
    ['@john'],
  ])('%p has the form of an email address and is refused [RG13]', (text) => {
    expect(outcome(text)).toBe('characters')
  })

  test.each([
    ['john doe'],
    ['_john'],
    ['.john'],
    ['-john'],
    ['john/doe'],
    ['john%doe'],
    ['john😀'],
    ["john'--"],
    ['<john>'],
    ['\u0301john'],
    ['john\u00a0doe'],
  ])('%p has characters that no username may have and is refused', (text) => {
    expect(outcome(text)).toBe('characters')
  })

  test.each([
    ['аdmin', 'Cyrillic and Latin'],
    ['pаypal', 'Latin and Cyrillic'],
    ['αdmin', 'Greek and Latin'],
    ['Иванω', 'Cyrillic and Greek'],
    ['иван山', 'Cyrillic and Han'],
    ['カナ김철수', 'Katakana and Hangul'],
    ['สมชายabc', 'Thai and Latin'],
    ['ивーан', 'Cyrillic and the long mark of Kana'],
    ['john٣', 'Latin and an Arabic digit'],
    ['john३', 'Latin and a Devanagari digit'],
  ])('%p mixes %s and is refused [RG2]', (text) => {
    expect(outcome(text)).toBe('mixed-scripts')
  })

  test.each([...INVISIBLE_CHARACTERS])('with %s anywhere it is refused [RG3]', (_, character) => {
    const texts = [`${character}john`, `jo${character}hn`, `john${character}`]
    expect(texts.map(outcome)).toEqual(['characters', 'characters', 'characters'])
  })

  test.each([...CRAFTED_TEXTS])('made of 50 kB of %s is refused quickly [FZ5]', (_, text) => {
    expect(outcome(text)).toBe('length')
    expect(processorMilliseconds(() => outcome(text))).toBeLessThan(5)
  })

  test('of the longest accepted text is read quickly [FZ5]', () => {
    const texts = ['\u0301\u0327'.repeat(60), '\ufdfa'.repeat(120)]
    for (const text of texts) expect(processorMilliseconds(() => outcome(text))).toBeLessThan(5)
  })
})

describe('the canonical form of a username', () => {
  test.each([
    ['zoë', ['Zoë', 'ZOË', 'Zoe\u0308', 'ZOE\u0308', 'ｚｏｅ\u0308']],
    ['fiona', ['Fiona', 'ﬁona', 'ＦＩＯＮＡ', 'ﬁONA']],
    ['strasse', ['Straße', 'STRASSE', 'STRAẞE', 'ſtraſſe']],
    ['οδυσσεας', ['ΟΔΥΣΣΕΑΣ', 'οδυσσεας', 'Οδυσσεασ']],
    ['kelvin', ['Kelvin', '\u212aelvin', 'KELVIN']],
  ])('%p is the same for all spellings [RG1]', (canonical, spellings) => {
    expect(new Set(spellings.map(folded))).toEqual(new Set([canonical]))
  })

  test('of a canonical form is the same, whatever its case and composition [RG1]', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (text) => {
        const canonical = folded(text)
        for (const form of [canonical, text.normalize('NFD'), text.normalize('NFKC')])
          expect(folded(form)).toBe(canonical)
      }),
      { numRuns: 500 },
    )
  })

  test('is stable for every letter of Unicode, in both cases [RG1]', () => {
    const unstable: string[] = []
    for (let code = 0; code <= 0x1ffff; code += 1) {
      const letter = String.fromCodePoint(code)
      if (!/\p{L}/u.test(letter)) continue
      const forms = [folded(letter), letter.toUpperCase(), letter.toLowerCase()]
      if (forms.some((form) => folded(form) !== folded(letter))) unstable.push(letter)
    }
    expect(unstable).toEqual([])
  })

  test('differs for names that differ in more than case', () => {
    const names = ['john', 'john1', 'jöhn', 'john_', 'jöhn.', 'josé', 'jose']
    expect(new Set(names.map(folded)).size).toBe(names.length)
  })
})
