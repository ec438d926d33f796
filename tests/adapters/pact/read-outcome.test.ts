import { describe, expect, test } from 'bun:test'
import { readOutcome } from '../../../src/adapters/pact/read-outcome.ts'

const results = (mismatch: object) =>
  JSON.stringify({
    interactionResults: [
      { consumer: 'web', description: 'd', providerStates: ['s'], result: 'Error', mismatch },
    ],
    errors: [],
  })
const mismatchesIn = (mismatch: object) => readOutcome(results(mismatch))?.verified[0]?.mismatches

describe('the results of the verifier', () => {
  test('name the field of a body, and the header', () => {
    expect(
      mismatchesIn({
        mismatches: [
          { type: 'BodyMismatch', path: '$.email', mismatch: 'Expected a text' },
          { type: 'MetadataMismatch', key: 'ce-id', mismatch: 'was missing' },
          { type: 'HeaderMismatch', key: 'etag', mismatch: 'was missing' },
          { type: 'StatusMismatch', mismatch: 'expected 200 but was 415' },
        ],
      }),
    ).toEqual([
      'body $.email: Expected a text',
      'header ce-id: was missing',
      'header etag: was missing',
      'expected 200 but was 415',
    ])
  })

  test('say what went wrong where nothing could be compared', () => {
    expect(mismatchesIn({ type: 'error', message: 'refused' })).toEqual(['refused'])
    expect(mismatchesIn({})).toEqual(['it was not kept'])
  })

  test.each([true, false])('say whether a contract is pending: %p', (pending) => {
    const item = { consumer: 'web', description: 'd', result: 'OK', pending }
    const read = readOutcome(JSON.stringify({ interactionResults: [item], errors: [] }))
    expect(read?.verified.map(({ isPending }) => isPending)).toEqual([pending])
  })

  test('list contracts that could not be fetched', () => {
    const text = JSON.stringify({
      interactionResults: [],
      errors: [{ interaction: 'pact.json', mismatch: { message: 'cannot be parsed' } }],
    })
    expect(readOutcome(text)).toEqual({ verified: [], errors: ['pact.json: cannot be parsed'] })
  })

  test.each(['', 'panicked', '{}', '[]'])('are not “%s”', (text) => {
    expect(readOutcome(text)).toBeNull()
  })
})
