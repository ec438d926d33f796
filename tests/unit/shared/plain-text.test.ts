import { describe, expect, test } from 'bun:test'
import { codePoints, isPlainText } from '../../../src/domain/shared/plain-text.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'

describe('plain text', () => {
  test.each([[''], ['John Doe'], ['Zoë'], ['สมชาย'], ['😀'], ['a\u00a0b'], ['🇹🇭']])(
    'is what %p is',
    (text) => {
      expect(isPlainText(text)).toBe(true)
    },
  )

  test.each([...INVISIBLE_CHARACTERS])('has no %s [RG3]', (_, character) => {
    expect(isPlainText(`a${character}b`)).toBe(false)
  })

  test('is counted in code points', () => {
    expect(['', 'abc', 'é', 'e\u0301', '😀', '👍🏽'].map(codePoints)).toEqual([0, 3, 1, 2, 1, 2])
  })
})
