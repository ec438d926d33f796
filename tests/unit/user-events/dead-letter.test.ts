import { describe, expect, test } from 'bun:test'
import type { DeadLetterNote, WireMessage } from '../../../packages/user-events/src/index.ts'
import {
  deadLetterSubject,
  directSubject,
  readDeadLetter,
  redriven,
  writeDeadLetter,
} from '../../../packages/user-events/src/index.ts'

const ORIGINAL: WireMessage = {
  headers: { 'ce-id': 'event', 'X-Other': 'Ü', 'Nats-Msg-Id': 'event:nats:user.events' },
  body: new Uint8Array([0, 255, 123]),
}
const NOTE: DeadLetterNote = {
  consumer: 'backend',
  reason: 'handler-failed',
  detail: 'ไม่ได้: "100 %"\r\nX: 1',
  attempts: 10,
  stream: 'USER_EVENTS',
  sequence: 4711,
  subject: 'user.events',
  at: new Date('2026-11-24T00:00:00.000Z'),
}
const CREATED = '2026-11-23T11:52:18.645944538Z'
const letter = writeDeadLetter(ORIGINAL, NOTE, CREATED)

describe('a dead letter', () => {
  test('is the original with a note in its headers, under a message id of its own', () => {
    expect(letter.body).toBe(ORIGINAL.body)
    expect(letter.headers).toEqual({
      'ce-id': 'event',
      'X-Other': 'Ü',
      'dead-letter-consumer': 'backend',
      'dead-letter-reason': 'handler-failed',
      'dead-letter-detail':
        '%E0%B9%84%E0%B8%A1%E0%B9%88%E0%B9%84%E0%B8%94%E0%B9%89:%20%22100%20%25%22%0D%0AX:%201',
      'dead-letter-attempts': '10',
      'dead-letter-stream': 'USER_EVENTS',
      'dead-letter-sequence': '4711',
      'dead-letter-subject': 'user.events',
      'dead-letter-at': '2026-11-24T00:00:00.000Z',
      'dead-letter-msg-id': 'event:nats:user.events',
      'Nats-Msg-Id': `USER_EVENTS:4711:dlq:backend:${CREATED}`,
    })
  })

  test('is read back as what was written', () => {
    expect(readDeadLetter(letter)).toEqual({ note: NOTE, original: ORIGINAL })
  })

  test('is read whatever the case of its headers', () => {
    const lower = Object.entries(letter.headers).map(([name, value]) => [name.toLowerCase(), value])
    const read = readDeadLetter({ ...letter, headers: Object.fromEntries(lower) })
    expect(read?.note).toEqual(NOTE)
    expect(read?.original.headers).toMatchObject({ 'Nats-Msg-Id': 'event:nats:user.events' })
  })

  test('of a message without an id has none to give back', () => {
    const anonymous = writeDeadLetter({ headers: {}, body: ORIGINAL.body }, NOTE, CREATED)
    expect(readDeadLetter(anonymous)?.original.headers).toEqual({})
  })

  test('cuts its detail to 500 characters', () => {
    const long = writeDeadLetter(ORIGINAL, { ...NOTE, detail: 'ü'.repeat(10_000) }, CREATED)
    expect(readDeadLetter(long)?.note.detail).toBe('ü'.repeat(500))
  })

  test('of a dead letter holds the newer note only', () => {
    const twice = writeDeadLetter(letter, { ...NOTE, attempts: 3 }, CREATED)
    expect(readDeadLetter(twice)?.note.attempts).toBe(3)
    expect(Object.keys(twice.headers).toSorted()).toEqual(Object.keys(letter.headers).toSorted())
  })

  test('carries no header that is an instruction for the server', () => {
    const headers = { ...ORIGINAL.headers, 'Nats-Rollup': 'all', 'nats-ttl': '1s' }
    const names = Object.keys(writeDeadLetter({ ...ORIGINAL, headers }, NOTE, CREATED).headers)
    expect(names.filter((name) => /^nats-/i.test(name))).toEqual(['Nats-Msg-Id'])
  })

  test.each(['consumer', 'reason', 'attempts', 'stream', 'sequence', 'subject', 'at'])(
    'is none without a readable %s',
    (name) => {
      for (const value of [undefined, '', 'NaN'].slice(
        0,
        /^(?:reason|att|seq|at$)/.test(name) ? 3 : 2,
      )) {
        const { [`dead-letter-${name}`]: _, ...headers } = letter.headers
        const altered =
          value === undefined ? headers : { ...headers, [`dead-letter-${name}`]: value }
        expect(readDeadLetter({ ...letter, headers: altered })).toBeNull()
      }
    },
  )

  test('is redriven as the original under another message id', () => {
    const read = readDeadLetter(letter)
    const again = redriven(read?.original ?? ORIGINAL, 'r 1')
    expect(again).toEqual({
      headers: {
        'ce-id': 'event',
        'X-Other': 'Ü',
        'Nats-Msg-Id': 'event:nats:user.events:redrive:r%201',
      },
      body: ORIGINAL.body,
    })
  })
})

test('a consumer whose name is no single plain token has no subjects', () => {
  expect([directSubject('a-b_1'), deadLetterSubject('a-b_1')]).toEqual([
    'direct.user.events.a-b_1',
    'dlq.user.events.a-b_1',
  ])
  for (const name of ['', 'a.b', '*', '>', 'a b', 'ü', 'x'.repeat(65)])
    for (const subjectOf of [directSubject, deadLetterSubject])
      expect(() => subjectOf(name)).toThrow(TypeError)
})
