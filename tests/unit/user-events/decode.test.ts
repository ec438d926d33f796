import { describe, expect, test } from 'bun:test'
import {
  decodeHeaderValue,
  encodeHeaderValue,
} from '../../../packages/user-events/src/codec/header-value.ts'
import type {
  SchemaVersion,
  UserChange,
  WireMessage,
} from '../../../packages/user-events/src/index.ts'
import { decode, encode, toVersion1, toVersion2 } from '../../../packages/user-events/src/index.ts'

const CHANGE: UserChange = {
  eventId: '0198f3a2-1111-7000-8000-000000000009',
  userId: '0198f3a2-0000-7000-8000-000000000001',
  version: 7,
  action: 'updated',
  occurredAt: new Date('2026-11-24T00:00:00.000Z'),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  email: 'user@example.com',
  username: 'สมชาย',
  displayName: null,
  avatar: null,
  role: 'user',
  isActive: true,
  emailVerified: true,
  changed: ['email'],
}
const ENVELOPE = {
  source: 'https://ไทย.example',
  typePrefix: 'com.example.auth',
  channel: 'nats:user.events',
  replayId: null,
}
const messageOf = (version: SchemaVersion) => encode(CHANGE, ENVELOPE, version)
const eventOf = (message: WireMessage, version: SchemaVersion) => {
  const decoded = decode(message, version)
  if (!decoded.ok) throw new Error(decoded.problem)
  return decoded.event
}
const altered = (version: SchemaVersion, fields: object): WireMessage => {
  const { headers, body } = messageOf(version)
  const changed = { ...JSON.parse(new TextDecoder().decode(body)), ...fields }
  return { headers, body: new TextEncoder().encode(JSON.stringify(changed)) }
}

describe('decode', () => {
  test.each([1, 2] as const)('gives back what was encoded as version %d', (version) => {
    const { data, ...envelope } = eventOf(messageOf(version), version)
    expect(envelope).toEqual({
      eventId: CHANGE.eventId,
      userId: CHANGE.userId,
      version: 7,
      action: 'updated',
      occurredAt: CHANGE.occurredAt,
      type: 'com.example.auth.user.updated',
      source: 'https://ไทย.example',
      traceparent: CHANGE.traceparent,
    })
    expect(JSON.stringify(data)).toBe(new TextDecoder().decode(messageOf(version).body))
  })

  test('finds headers in any case', () => {
    const { headers, body } = messageOf(1)
    const upper = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])
    const message = { headers: Object.fromEntries(upper), body }
    expect(eventOf(message, 1)).toEqual(eventOf(messageOf(1), 1))
  })

  test('passes on a trace context as the standard writes it, and no other text', () => {
    const [trace, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
    const passedOn = (traceparent: string | null) =>
      eventOf(encode({ ...CHANGE, traceparent }, ENVELOPE, 1), 1).traceparent
    expect(passedOn(`00-${trace}-${parent}-01`)).toBe(`00-${trace}-${parent}-01`)
    for (const other of [
      null,
      '',
      `00-${trace.toUpperCase()}-${parent}-01`,
      `01-${trace}-${parent}-01`,
      `00-${trace}-${parent}-01-more`,
      `00-${trace}-${parent}`,
      ` 00-${trace}-${parent}-01`,
    ])
      expect([other, passedOn(other)]).toEqual([other, null])
  })

  // Whoever wrote such a value did not percent-encode it; a message is not lost for that.
  test('joins the values of a header that is there twice, as HTTP does', () => {
    const { headers, body } = messageOf(1)
    const twice = { headers: { ...headers, 'CE-Source': 'https://b.example' }, body }
    expect(eventOf(twice, 1).source).toBe('https://ไทย.example, https://b.example')
    const id = { headers: { ...headers, 'CE-ID': CHANGE.eventId }, body }
    expect(decode(id, 1)).toEqual({ ok: false, problem: 'ce-id is not a UUID in lower case' })
  })

  test('refuses a byte order mark', () => {
    const { headers, body } = messageOf(1)
    const marked = new Uint8Array([0xef, 0xbb, 0xbf, ...body])
    expect(decode({ headers, body: marked }, 1)).toEqual({
      ok: false,
      problem: 'the body is not JSON in UTF-8',
    })
  })

  test('takes a header value that is no percent-encoded UTF-8 as it is', () => {
    const { headers, body } = messageOf(1)
    for (const source of ['100%', 'https://a.example/%zz', '%ff%fe'])
      expect(eventOf({ headers: { ...headers, 'ce-source': source }, body }, 1).source).toBe(source)
  })

  test('keeps fields and ignores headers that it does not know', () => {
    const message = altered(1, { pronouns: 'they' })
    const headers = { ...message.headers, 'ce-future': '1' }
    expect(eventOf({ ...message, headers }, 1).data).toMatchObject({ pronouns: 'they' })
  })

  test('reads version 2 as version 1, but makes nothing up the other way round', () => {
    expect(eventOf(messageOf(2), 1).data.username).toBe('สมชาย')
    expect(decode(messageOf(1), 2)).toEqual({
      ok: false,
      problem:
        'schemaVersion is missing; eventId is missing; version is missing; changed is missing; emailVerified is missing',
    })
  })

  test.each([
    ['email must be string or null', { email: 7 }],
    ['id is not a uuid', { id: 'user@example.com' }],
    ['role must be one of user, moderator, admin', { role: 'root' }],
    ['username must be string', { username: null }],
    ['username is shorter than 3', { username: 'ab' }],
    ['displayName is longer than 100', { displayName: 'x'.repeat(101) }],
    ['avatar does not match ^https://', { avatar: 'javascript:1' }],
    ['timestamp is not a date-time', { timestamp: '2026-13-45T99:00:00.000Z' }],
    ['schemaVersion must be 2', { schemaVersion: 3 }],
    ['version is less than 1', { version: 0 }],
    ['version is more than 9007199254740991', { version: 2 ** 53 }],
    ['version is not ce-sequence', { version: 8 }],
    ['eventId is not ce-id', { eventId: CHANGE.userId }],
    ['changed names one item twice', { changed: ['a', 'a'] }],
    ['changed holds something that is shorter than 1', { changed: [''] }],
    ['ce-type does not end with the action of the body', { action: 'deleted' }],
    ['ce-subject is not the id of the body', { id: CHANGE.eventId }],
    ['the body is not JSON in UTF-8', { displayName: '\ud83d' }],
  ])('refuses a body of which it says: %s', (problem, fields) => {
    expect(decode(altered(2, fields), 2)).toEqual({ ok: false, problem })
  })

  test.each([
    ['ce-specversion', '0.3', 'ce-specversion is not 1.0'],
    ['ce-id', '', 'ce-id is missing'],
    ['ce-source', '', 'ce-source is missing'],
    ['ce-subject', 'somebody', 'ce-subject is not the id of the body'],
    ['ce-id', 'event-2', 'ce-id is not a UUID in lower case'],
    ['ce-type', '.user.updated', 'ce-type has no prefix'],
    ['ce-sequence', '7', 'ce-sequence is not a version'],
    ['ce-sequence', '-1', 'ce-sequence is not a version'],
    ['ce-sequence', '00000000000000000000', 'ce-sequence is not a version'],
    ['ce-sequence', '99999999999999999999', 'ce-sequence is not a version'],
    ['ce-sequence', '1e3', 'ce-sequence is not a version'],
  ])('refuses the header %s: %p', (name, value, problem) => {
    const { headers, body } = messageOf(1)
    const wrong = { headers: { ...headers, [name]: value }, body }
    expect(decode(wrong, 1)).toEqual({ ok: false, problem })
  })

  test.each(['', '{', '[]', 'null', '"text"', '\u0000'])('refuses the body %p', (text) => {
    const message = { headers: messageOf(1).headers, body: new TextEncoder().encode(text) }
    expect(decode(message, 1).ok).toBe(false)
  })

  test('refuses bytes that are no UTF-8', () => {
    const message = { headers: messageOf(1).headers, body: new Uint8Array([0x22, 0xff, 0x22]) }
    expect(decode(message, 1)).toEqual({ ok: false, problem: 'the body is not JSON in UTF-8' })
  })

  test('repeats no value of a body that it refuses', () => {
    const decoded = decode(
      altered(1, { email: { secret: 'user@example.com' }, role: 'mallory' }),
      1,
    )
    expect(decoded.ok ? '' : decoded.problem).not.toMatch(/example|mallory/)
  })
})

test('converting between the versions loses no field that the converter gets', () => {
  const { data: first } = eventOf(messageOf(1), 1)
  const decoded = decode(messageOf(2), 2)
  if (!decoded.ok) throw new Error(decoded.problem)
  const second = decoded.event.data
  expect(toVersion1(second)).toEqual(first)
  expect(toVersion2(first, second)).toEqual(second)
  expect(toVersion1(toVersion2(first, second))).toEqual(first)
  expect(toVersion2(toVersion1(second), second)).toEqual(second)
})

describe('a header value', () => {
  test.each([
    ['plain!#$&~', 'plain!#$&~'],
    ['a b', 'a%20b'],
    ['"', '%22'],
    ['100%', '100%25'],
    ['é', '%C3%A9'],
    ['😀', '%F0%9F%98%80'],
    ['a\r\nb', 'a%0D%0Ab'],
    ['\u007f', '%7F'],
    ['\u0000', '%00'],
    ['\ud800', '%EF%BF%BD'],
    ['', ''],
  ])('%j is written as %s', (value, written) => {
    expect(encodeHeaderValue(value)).toBe(written)
    expect(decodeHeaderValue(written)).toBe(value.toWellFormed())
    const { headers } = encode({ ...CHANGE, eventId: value }, ENVELOPE, 1)
    expect(headers['ce-id']).toBe(written)
  })
})
