import { describe, expect, test } from 'bun:test'
import { parseDisplayName } from '../../../src/domain/accounts/display-name.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

const parsed = (text: string): string | null => {
  const name = parseDisplayName(text)
  return name.ok ? name.value : null
}

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
})
