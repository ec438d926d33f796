import { expect, test } from 'bun:test'
import { readEventSpan } from '../../../src/application/events/read-event-span.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const NOW = new Date('2026-11-24T12:00:00.000Z')
const OLDEST = new Date('2026-11-10T12:00:00.000Z')
const OPEN = { userId: null, from: null, to: null }

test.each([
  [OPEN, { userId: null, from: OLDEST, until: null }],
  [
    { ...OPEN, userId: givenUserId(1) },
    { userId: givenUserId(1), from: OLDEST, until: null },
  ],
  [
    { ...OPEN, from: '2026-11-10T11:59:59.999Z' },
    { userId: null, from: OLDEST, until: null },
  ],
  [
    { ...OPEN, from: '2026-11-10T12:00:00.001Z', to: '2026-11-10T12:00:00.002Z' },
    {
      userId: null,
      from: new Date('2026-11-10T12:00:00.001Z'),
      until: new Date('2026-11-10T12:00:00.002Z'),
    },
  ],
])('the span %j is read as far as the ledger goes back', (span, selection) => {
  expect(readEventSpan(span, NOW)).toEqual({ ok: true, value: selection })
})

test.each([
  [{ ...OPEN, userId: 'nobody' }, 'invalid-user-id'],
  [{ ...OPEN, from: 'yesterday' }, 'invalid-from'],
  [{ ...OPEN, to: 'tomorrow' }, 'invalid-to'],
  [{ ...OPEN, from: '2026-11-20T00:00:00Z', to: '2026-11-20T00:00:00Z' }, 'empty-span'],
  [{ ...OPEN, from: '2026-11-20T00:00:01Z', to: '2026-11-20T00:00:00Z' }, 'empty-span'],
])('the span %j is refused: %s', (span, kind) => {
  expect(readEventSpan(span, NOW)).toMatchObject({ ok: false, refusal: { kind } })
})
