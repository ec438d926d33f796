import { describe, expect, test } from 'bun:test'
import { readAcknowledgement } from '../../../src/adapters/nats/publishing/publish-acknowledgement.ts'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'

const answer = (fields: unknown): Uint8Array =>
  new TextEncoder().encode(typeof fields === 'string' ? fields : JSON.stringify(fields))

const refusal = (code: number) => ({
  error: { code: 503, err_code: code, description: 'no' },
  stream: 'USER_EVENTS',
  seq: 0,
})

const failureOf = (fields: unknown): PublishFailure => {
  try {
    readAcknowledgement(answer(fields), 'USER_EVENTS')
  } catch (fault) {
    if (fault instanceof PublishFailure) return fault
  }
  throw new Error('it was accepted')
}

describe('the answer to a publish', () => {
  test('of the expected stream is a receipt', () => {
    expect(readAcknowledgement(answer({ stream: 'USER_EVENTS', seq: 7 }), 'USER_EVENTS')).toEqual({
      stream: 'USER_EVENTS',
      sequence: 7,
      duplicate: false,
    })
    const again = answer({ stream: 'USER_EVENTS', seq: 7, duplicate: true, domain: 'hub' })
    expect(readAcknowledgement(again, 'USER_EVENTS').duplicate).toBe(true)
  })

  test('of another stream is no success', () => {
    expect(failureOf({ stream: 'OTHER', seq: 7 })).toMatchObject({ kind: 'retryable' })
    expect(failureOf({ seq: 7 })).toMatchObject({ kind: 'retryable' })
  })

  test.each([
    ['text that is no JSON', 'hello'],
    ['nothing at all', ''],
    ['null', null],
    ['no sequence', { stream: 'USER_EVENTS' }],
    ['sequence zero', { stream: 'USER_EVENTS', seq: 0 }],
    ['a sequence as text', { stream: 'USER_EVENTS', seq: '7' }],
    ['an error without a code', { error: 'no' }],
  ])('that is %s may or may not mean that it was stored', (_, fields) => {
    expect(failureOf(fields)).toMatchObject({ kind: 'ambiguous' })
  })

  test.each([
    [10077, 'a full stream'],
    [10002, 'the account at its limit'],
    [10008, 'no JetStream for the moment'],
    [10023, 'a server at its limit'],
    [10047, 'a full disk'],
    [10060, 'another stream than the message names'],
  ])('with code %d, %s, is retryable', (code) => {
    expect(failureOf(refusal(code))).toMatchObject({ kind: 'retryable', message: `no (${code})` })
  })

  test.each([
    [10054, 'too large'],
    [10071, 'not the expected last sequence'],
    [10097, 'headers too large'],
  ])('with code %d, %s, is permanent', (code) => {
    expect(failureOf(refusal(code))).toMatchObject({ kind: 'permanent' })
  })

  test('with code 10158, the same id being stored at this moment, is ambiguous', () => {
    expect(failureOf(refusal(10158))).toMatchObject({ kind: 'ambiguous' })
  })

  test('with a code of a later server is ambiguous', () => {
    expect(failureOf(refusal(19999))).toMatchObject({ kind: 'ambiguous' })
  })
})
