import { describe, expect, test } from 'bun:test'
import { identifierKey, parseIdentifier } from '../../../src/domain/accounts/identifier.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

const keyOf = (text: string): string => identifierKey(parseIdentifier(text), text)

describe('an identifier', () => {
  test('is an email address when it has an at sign, and a username otherwise', () => {
    expect<unknown>(parseIdentifier(' John@Example.com ')).toEqual({
      kind: 'email',
      email: 'john@example.com',
    })
    expect<unknown>(parseIdentifier(' JOHN ')).toEqual({ kind: 'username', canonical: 'john' })
  })

  test.each([[''], ['@'], ['jo'], ['john doe'], ['john@'], ['john\u0000'], ['x'.repeat(31)]])(
    'is null when no account can have %j',
    (text) => {
      expect(parseIdentifier(text)).toBeNull()
    },
  )

  test('has one key for all its spellings, even when no account can have it [EN3]', () => {
    const spellings = [
      ['John@Example.com', ' john@EXAMPLE.com'],
      ['Zoë', 'ZOE\u0308'],
      ['Not A Name', ' not a name '],
    ] as const
    for (const [one, other] of spellings) expect(keyOf(one)).toBe(keyOf(other))
    expect(keyOf('x'.repeat(10_000))).not.toBe(keyOf('x'.repeat(10_001)))
  })

  test.each([...CRAFTED_TEXTS])('is read quickly when it is 50 kB of %s [FZ5]', (_, text) => {
    expect(parseIdentifier(text)).toBeNull()
    expect(processorMilliseconds(() => keyOf(text))).toBeLessThan(5)
  })
})
