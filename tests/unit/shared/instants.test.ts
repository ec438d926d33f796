import { describe, expect, test } from 'bun:test'
import { parseInstant } from '../../../src/domain/shared/instants.ts'

describe('an instant as text', () => {
  test.each([
    ['2026-11-24T00:00:00Z', '2026-11-24T00:00:00.000Z'],
    ['2026-11-24T07:30:00.25+07:00', '2026-11-24T00:30:00.250Z'],
    ['2024-02-29T23:59:59.999999999-00:30', '2024-03-01T00:29:59.999Z'],
  ])('is %s', (text, instant) => {
    expect(parseInstant(text)?.toISOString()).toBe(instant)
  })

  test.each([
    '',
    'now',
    '0',
    '2026-11-24',
    '2026-11-24T00:00:00',
    '2026-11-24 00:00:00Z',
    '2026-11-24T00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T00:60:00Z',
    '2026-11-24T00:00:60Z',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-11-00T00:00:00Z',
    '2026-11-24T00:00:00+7',
    '+002026-11-24T00:00:00Z',
    ' 2026-11-24T00:00:00Z',
    '2026-11-24T00:00:00Z\n',
    "2026-11-24T00:00:00Z' or 1=1",
  ])('is not %j', (text) => {
    expect(parseInstant(text)).toBeNull()
  })
})
