import { describe, expect, test } from 'bun:test'
import { parseSessionId, parseUserId } from '../../../src/domain/shared/ids.ts'
import {
  CRAFTED_TEXTS,
  processorMilliseconds,
} from '../../support/processes/timing/processor-time.ts'

describe('an id', () => {
  test('is a lower-case UUID', () => {
    const text = '0198f3a2-7c4d-7abc-9def-0123456789ab'
    expect<(string | null)[]>([parseUserId(text), parseSessionId(text)]).toEqual([text, text])
  })

  test.each([
    [''],
    ['..'],
    ['%2e%2e'],
    ['1'],
    ['0198F3A2-7C4D-7ABC-9DEF-0123456789AB'],
    ['{0198f3a2-7c4d-7abc-9def-0123456789ab}'],
    [' 0198f3a2-7c4d-7abc-9def-0123456789ab'],
    ['0198f3a2-7c4d-7abc-9def-0123456789ab\n'],
    ['0198f3a27c4d7abc9def0123456789ab'],
    ['0198f3a2-7c4d-7abc-9def-0123456789a'],
    ['0198f3a2-7c4d-7abc-9def-0123456789ag'],
    ['0198f3a2-7c4d-9abc-9def-0123456789ab'],
    ['0198f3a2-7c4d-7abc-cdef-0123456789ab'],
    ['00000000-0000-0000-0000-000000000000'],
    ["' OR 1=1 --"],
  ])('is not what %j is [AZ8]', (text) => {
    expect([parseUserId(text), parseSessionId(text)]).toEqual([null, null])
  })

  test.each([...CRAFTED_TEXTS])(
    'is not 50 kB of %s, and this is decided quickly [FZ5]',
    (_, text) => {
      expect(parseUserId(text)).toBeNull()
      expect(processorMilliseconds(() => parseUserId(text))).toBeLessThan(5)
    },
  )
})
