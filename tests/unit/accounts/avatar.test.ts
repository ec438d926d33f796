import { describe, expect, test } from 'bun:test'
import Ajv from 'ajv'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { parseAvatar } from '../../../src/domain/accounts/avatar.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

const GRAPHEME = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })

const parsed = (text: string): string | null => {
  const avatar = parseAvatar(text)
  return avatar.ok ? avatar.value : null
}

describe('an avatar', () => {
  test.each([
    ['https://cdn.example.com/a.png?size=2#x', 'https://cdn.example.com/a.png?size=2#x'],
    ['HTTPS://CDN.example.COM:443/a/../b.png', 'https://cdn.example.com/b.png'],
    ['https://bücher.example/ü', 'https://xn--bcher-kva.example/%C3%BC'],
    ['https://x.com/"><script>', 'https://x.com/%22%3E%3Cscript%3E'],
    ['https://[::1]:8443/a?b#', 'https://[::1]:8443/a?b#'],
    ['https://x.com/a|b?[size]={2}&`#c|#d', 'https://x.com/a%7Cb?%5Bsize%5D=%7B2%7D&%60#c%7C%23d'],
    ['https://x.com/100%?%zz%2', 'https://x.com/100%25?%25zz%252'],
    ['https://x.com/%7c%2F', 'https://x.com/%7c%2F'],
  ])('%p is kept as %p', (text, expected) => {
    expect(parsed(text)).toBe(expected)
  })

  test('is a URI, as the schema of the events and the OpenAPI document say', () => {
    const ajv = new Ajv()
    addFormats(ajv, ['uri'])
    const isUri = ajv.compile({ type: 'string', format: 'uri' })
    const rest = fc.string({ unit: fc.oneof(fc.constantFrom(...'#?%[]|{}^`"\\/:@'), GRAPHEME) })
    fc.assert(
      fc.property(rest, (text) => {
        const avatar = parsed(`https://x.com/${text}`)
        if (avatar === null) return
        expect({ avatar, isUri: isUri(avatar) }).toEqual({ avatar, isUri: true })
        expect(parsed(avatar)).toBe(avatar)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['http://example.com/a.png'],
    ['javascript:alert(1)'],
    ['data:image/png;base64,AAAA'],
    ['file:///etc/passwd'],
    ['//example.com/a.png'],
    ['/a.png'],
    [''],
    ['https://'],
    ['https://user@example.com/'],
    ['https://:secret@example.com/'],
    ['java\nscript:alert(1)'],
  ])('%p is not an https URL and is refused', (text) => {
    expect(parsed(text)).toBeNull()
  })

  test('is at most 2 048 characters long, before and after it is normalized', () => {
    const longest = `https://x.com/${'a'.repeat(2048 - 14)}`
    expect(parsed(longest)).toBe(longest)
    expect(parsed(`${longest}a`)).toBeNull()
    expect(parsed(`https://x.com/${'ü'.repeat(1000)}`)).toBeNull()
  })

  test.each([...INVISIBLE_CHARACTERS])('with %s anywhere it is refused [RG3]', (_, character) => {
    const texts = [`${character}https://x.com/a`, `https://x${character}.com/`]
    expect([...texts, `https://x.com/a${character}`].map(parsed)).toEqual([null, null, null])
  })

  test.each([...CRAFTED_TEXTS])('made of 50 kB of %s is refused quickly [FZ5]', (_, text) => {
    expect(parsed(text)).toBeNull()
    expect(processorMilliseconds(() => parsed(text))).toBeLessThan(5)
  })
})
