import { describe, expect, test } from 'bun:test'
import { parseAvatar } from '../../../src/domain/accounts/avatar.ts'
import { INVISIBLE_CHARACTERS } from '../../support/builders/accounts/invisible-characters.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

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
  ])('%p is kept as %p', (text, expected) => {
    expect(parsed(text)).toBe(expected)
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
