import { describe, expect, test } from 'bun:test'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import schema from '../../../contracts/user-events/v2.schema.json' with { type: 'json' }
import { makeUserEventCodec } from '../../../src/adapters/codec/user-event-codec.ts'
import { parseEmail } from '../../../src/domain/accounts/email.ts'
import { parseUsername } from '../../../src/domain/accounts/username.ts'
import type { UserEvent } from '../../../src/domain/events/user-event.ts'
import type { EventId } from '../../../src/domain/shared/ids.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
addFormats(ajv)
const isValid = ajv.compile(schema)
const codec = makeUserEventCodec({
  source: 'https://auth.example.com',
  typePrefix: 'com.example.auth',
})

const [email, username] = [parseEmail('user@example.com'), parseUsername('johndoe')]
if (!email.ok || !username.ok) throw new Error('the samples are no samples')
const UPDATED: UserEvent = {
  eventId: '0198f3a2-1111-7000-8000-000000000009' as EventId,
  userId: givenUserId(1),
  version: 1_000_007,
  action: 'updated',
  state: {
    email: email.value,
    emailVerified: true,
    username: username.value,
    displayName: null,
    avatar: null,
    role: 'user',
    isActive: true,
  },
  changed: ['email', 'emailVerified'],
  occurredAt: new Date('2026-11-24T00:00:00.000Z'),
  traceparent: null,
}
const { headers, body } = codec.encode(UPDATED, 'user.events.v2', null)
const sent: Record<string, unknown> = JSON.parse(new TextDecoder().decode(body))

describe('user events, version 2', () => {
  test('the body is version 1 and five fields more, byte for byte', () => {
    expect(new TextDecoder().decode(body)).toBe(
      '{"id":"0198f3a2-0000-7000-8000-000000000001","email":"user@example.com","username":"johndoe",' +
        '"displayName":null,"avatar":null,"role":"user","isActive":true,"action":"updated",' +
        '"timestamp":"2026-11-24T00:00:00.000Z","schemaVersion":2,"eventId":"0198f3a2-1111-7000-8000-000000000009",' +
        '"version":1000007,"changed":["email","emailVerified"],"emailVerified":true}',
    )
  })

  test('the headers differ from those of version 1 in schema and message id', () => {
    expect(headers).toEqual({
      ...codec.encode(UPDATED, 'user.events.v1', null).headers,
      'ce-dataschema': 'https://auth.example.com/schemas/user-events/v2.json',
      'Nats-Msg-Id': `${UPDATED.eventId}:nats:user.events.v2`,
    })
  })

  test('an event fits the published schema of version 2', () => {
    isValid(sent)
    expect(isValid.errors ?? []).toEqual([])
  })

  test('the schema of version 2 refuses a missing or mistyped value in each new field', () => {
    const wrong = {
      schemaVersion: [undefined, 1, '2'],
      eventId: [undefined, null, 'x'],
      version: [undefined, 0, 1.5, '7', 2 ** 53],
      changed: [undefined, null, 'email', [1], ['email', 'email']],
      emailVerified: [undefined, null, 'true'],
    }
    for (const [field, values] of Object.entries(wrong))
      for (const value of values) {
        const altered = JSON.parse(JSON.stringify({ ...sent, [field]: value }))
        expect({ field, value, valid: isValid(altered) }).toEqual({ field, value, valid: false })
      }
  })
})
