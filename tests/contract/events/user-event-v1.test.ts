import { describe, expect, test } from 'bun:test'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import schema from '../../../contracts/user-events/v1.schema.json' with { type: 'json' }
import { makeUserEventCodec, reverseDns } from '../../../src/adapters/codec/user-event-codec.ts'
import { parseAvatar } from '../../../src/domain/accounts/avatar.ts'
import { parseDisplayName } from '../../../src/domain/accounts/display-name.ts'
import { parseEmail } from '../../../src/domain/accounts/email.ts'
import { parseUsername } from '../../../src/domain/accounts/username.ts'
import type { UserEvent } from '../../../src/domain/events/user-event.ts'
import type { EventId } from '../../../src/domain/shared/ids.ts'
import type { Result } from '../../../src/domain/shared/result.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
addFormats(ajv)
const isValid = ajv.compile(schema)
const codec = makeUserEventCodec({
  source: 'https://auth.example.com',
  typePrefix: 'com.example.auth',
})

const parsed = <T, R>(result: Result<T, R>): T => {
  if (!result.ok) throw new Error(String(result.refusal))
  return result.value
}
const CREATED: UserEvent = {
  eventId: '0198f3a2-1111-7000-8000-000000000009' as EventId,
  userId: givenUserId(1),
  version: 1,
  action: 'created',
  state: {
    email: parsed(parseEmail('user@example.com')),
    emailVerified: false,
    username: parsed(parseUsername('สมชาย')),
    displayName: parsed(parseDisplayName('John “Doe”')),
    avatar: parsed(parseAvatar('https://cdn.example.com/a.png')),
    role: 'user',
    isActive: true,
  },
  changed: [],
  occurredAt: new Date('2026-11-24T00:00:00.000Z'),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
}
const WITHOUT_NAMES: UserEvent = {
  ...CREATED,
  version: 4711,
  action: 'deleted',
  state: { ...CREATED.state, email: null, displayName: null, avatar: null },
  traceparent: null,
}
const encode = (event: UserEvent) => codec.encode(event, 'user.events', null)
const textOf = (event: UserEvent) => new TextDecoder().decode(encode(event).body)
const bodyOf = (event: UserEvent): Record<string, unknown> => JSON.parse(textOf(event))

describe('user events, version 1', () => {
  test('the body is these nine fields in this order, byte for byte', () => {
    expect(textOf(CREATED)).toBe(
      '{"id":"0198f3a2-0000-7000-8000-000000000001","email":"user@example.com","username":"สมชาย",' +
        '"displayName":"John “Doe”","avatar":"https://cdn.example.com/a.png","role":"user","isActive":true,' +
        '"action":"created","timestamp":"2026-11-24T00:00:00.000Z"}',
    )
  })

  test('the headers are those of the contract', () => {
    expect(encode(CREATED).headers).toEqual({
      'ce-specversion': '1.0',
      'ce-id': '0198f3a2-1111-7000-8000-000000000009',
      'ce-source': 'https://auth.example.com',
      'ce-type': 'com.example.auth.user.created',
      'ce-subject': '0198f3a2-0000-7000-8000-000000000001',
      'ce-partitionkey': '0198f3a2-0000-7000-8000-000000000001',
      'ce-sequence': '00000000000000000001',
      'ce-time': '2026-11-24T00:00:00.000Z',
      'ce-datacontenttype': 'application/json',
      'ce-dataschema': 'https://auth.example.com/schemas/user-events/v1.json',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'Nats-Msg-Id': '0198f3a2-1111-7000-8000-000000000009:nats:user.events',
    })
  })

  test('a change outside a request has no traceparent', () => {
    const { headers } = encode(WITHOUT_NAMES)
    expect(Object.keys(headers)).not.toContain('traceparent')
    expect(headers).toMatchObject({
      'ce-sequence': '00000000000000004711',
      'ce-type': 'com.example.auth.user.deleted',
    })
  })

  test('on the versioned subject only the message id differs', () => {
    const plain = encode(CREATED)
    const versioned = codec.encode(CREATED, 'user.events.v1', null)
    expect(versioned.body).toEqual(plain.body)
    expect(versioned.headers).toEqual({
      ...plain.headers,
      'Nats-Msg-Id': `${CREATED.eventId}:nats:user.events.v1`,
    })
  })

  test('a replay differs in its message id alone, so that no broker takes it for a repeat', () => {
    const first = encode(CREATED)
    const again = codec.encode(CREATED, 'user.events', '0198f3a2-2222-7000-8000-000000000007')
    expect(again.body).toEqual(first.body)
    expect(again.headers).toEqual({
      ...first.headers,
      'Nats-Msg-Id': `${CREATED.eventId}:nats:user.events:r0198f3a2-2222-7000-8000-000000000007`,
    })
  })

  test('every event fits the published schema', () => {
    for (const event of [CREATED, WITHOUT_NAMES]) {
      isValid(bodyOf(event))
      expect(isValid.errors ?? []).toEqual([])
    }
  })

  test('the schema refuses a missing, mistyped or unknown value in each field', () => {
    const wrong = {
      id: [undefined, null, 'x'],
      email: [undefined, 1, 'x'.repeat(255)],
      username: [undefined, null, 'ab', 'x'.repeat(31)],
      displayName: [undefined, '', 1],
      avatar: [undefined, 'http://example.com/a.png', 'javascript:alert(1)'],
      role: [undefined, null, 'root'],
      isActive: [undefined, null, 'true'],
      action: [undefined, 'restored'],
      timestamp: [undefined, '2026-11-24', '2026-11-24T00:00:00Z', 1],
    }
    expect(Object.keys(wrong)).toEqual(Object.keys(bodyOf(CREATED)))
    for (const [field, values] of Object.entries(wrong))
      for (const value of values) {
        const body = JSON.parse(JSON.stringify({ ...bodyOf(CREATED), [field]: value }))
        expect({ field, value, valid: isValid(body) }).toEqual({ field, value, valid: false })
      }
  })

  test('other columns of a row never get into the event', () => {
    const NINE = Object.keys(bodyOf(CREATED))
    const secret = fc.uuid().map((id) => `secret-${id}`)
    const rest = fc.dictionary(fc.string(), secret, { maxKeys: 8 })
    fc.assert(
      fc.property(rest, rest, secret, (outer, inner, hash) => {
        const secrets = { passwordHash: hash, salt: hash, toJSON: undefined, codeHash: hash }
        const row = {
          ...outer,
          ...secrets,
          ...CREATED,
          state: { ...inner, ...secrets, ...CREATED.state },
        }
        const { headers } = encode(row)
        expect(Object.keys(bodyOf(row))).toEqual(NINE)
        expect(textOf(row) + JSON.stringify(headers)).not.toContain('secret-')
      }),
    )
  })

  test('no header holds an address, a name or a byte that is not printable ASCII', () => {
    const hostile = fc.record({
      source: fc.string({ unit: 'binary', minLength: 1 }),
      traceparent: fc.string({ unit: 'binary' }),
    })
    fc.assert(
      fc.property(hostile, ({ source, traceparent }) => {
        const { headers } = makeUserEventCodec({
          source,
          typePrefix: 'ไทย\r\nX: 1',
        }).encode({ ...CREATED, traceparent }, 'user.events', null)
        for (const value of Object.values(headers)) expect(value).toMatch(/^[!-~]+$/)
        expect(Object.keys(headers)).not.toContain('traceparent')
      }),
    )
    const values = Object.values(encode(CREATED).headers).join(' ')
    for (const personal of ['user@example.com', 'John', 'สมชาย', 'cdn.example.com'])
      expect(values).not.toContain(personal)
  })

  test('text that is not plain ASCII is percent-encoded in headers', () => {
    const { headers } = makeUserEventCodec({
      source: 'https://ไทย.example/a b"%',
      typePrefix: 'x',
    }).encode(CREATED, 'user.events', null)
    expect(headers['ce-source']).toBe('https://%E0%B9%84%E0%B8%97%E0%B8%A2.example/a%20b%22%25')
  })

  test('the type prefix is the reverse of the host', () => {
    const prefixes = {
      'https://auth.example.com': 'com.example.auth',
      'https://Auth.Example.com.:8443/x': 'com.example.auth',
      'http://localhost:3000': 'localhost',
      'http://127.0.0.1:3000': '127.0.0.1',
      'http://[::1]:3000': '::1',
    }
    for (const [url, prefix] of Object.entries(prefixes)) expect(reverseDns(url)).toBe(prefix)
  })
})
