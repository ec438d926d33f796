import { describe, expect, test } from 'bun:test'
import { makeUserEventCodec } from '../../../src/adapters/codec/user-event-codec.ts'
import { makeFindMessage } from '../../../src/adapters/pact/find-message.ts'
import { makeMessageEndpoint } from '../../../src/adapters/pact/message-endpoint.ts'
import { USER_STATES } from '../../../src/adapters/pact/user-states.ts'
import { USER_EVENT_SUBJECTS } from '../../../src/domain/events/user-event.ts'

const codec = makeUserEventCodec({ source: 'https://auth.example.com', typePrefix: 'com.example' })
const endpoint = makeMessageEndpoint(makeFindMessage(codec))
const ask = (body: unknown, method = 'POST') =>
  endpoint(
    new Request('http://127.0.0.1/anything', {
      method,
      ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  )
const inState = (name: string, params?: object) =>
  ask({ description: 'whatever', providerStates: [{ name, params }] })
const metadataOf = (answer: Response) =>
  JSON.parse(
    Buffer.from(answer.headers.get('pact-message-metadata') ?? '', 'base64').toString('utf8'),
  )

describe('the endpoint for Pact verifiers', () => {
  test.each(
    [...USER_STATES].flatMap(([state, event]) =>
      USER_EVENT_SUBJECTS.map((subject) => [state, subject, event] as const),
    ),
  )('answers “%s” on %s by the bytes that are published', async (state, subject, event) => {
    const answer = await inState(state, { subject })
    const published = codec.encode(event, subject, null)
    expect(answer.status).toBe(200)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(published.body))
    expect(metadataOf(answer)).toEqual({
      ...published.headers,
      subject,
      contentType: 'application/json',
    })
  })

  test.each([...USER_STATES])(
    'answers “%s” for one consumer alone by the bytes of a replay',
    async (state, event) => {
      const answer = await inState(state, { subject: 'direct.user.events.team_1' })
      const { headers, body } = codec.encode(event, 'user.events.v2', 'REPLAY')
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(body))
      expect(metadataOf(answer)).toEqual({
        ...headers,
        subject: 'direct.user.events.team_1',
        contentType: 'application/json',
        'Nats-Msg-Id': expect.stringMatching(/:nats:user\.events\.v2:r[0-9a-f-]{36}$/),
      })
    },
  )

  test('answers on user.events unless the state says otherwise', async () => {
    expect(metadataOf(await inState('user updated'))['subject']).toBe('user.events')
  })

  test.each([
    ['a state that is none', [{ name: 'user exploded' }], 'There is no provider state'],
    ['no state', [], 'Name exactly one provider state'],
    [
      'two states',
      [{ name: 'user registered' }, { name: 'user deleted' }],
      'Name exactly one provider state',
    ],
    ...[
      'user.created',
      'direct.user.events.',
      'direct.user.events.*',
      'direct.user.events.a.b',
      'xdirect.user.events.a',
      'dlq.user.events.a',
      7,
    ].map(
      (subject) =>
        [
          `the subject ${subject}`,
          [{ name: 'user registered', params: { subject } }],
          'The parameter subject is one of user.events, user.events.v1, user.events.v2, or direct.user.events.<consumer>.',
        ] as const,
    ),
  ])('has no message for %s and says why', async (_, providerStates, reason) => {
    const answer = await ask({ description: 'whatever', providerStates })
    expect(answer.status).toBe(404)
    expect(await answer.text()).toStartWith(reason)
  })

  test.each([
    ['no JSON', '{'],
    ['states that are no list', { providerStates: 'user registered' }],
    ['null', 'null'],
    ['more than any verifier sends', { providerStates: [], description: 'x'.repeat(70_000) }],
  ])('refuses %s', async (_, body) => {
    expect((await ask(body)).status).toBe(400)
  })

  test('is asked by POST', async () => {
    expect((await ask(null, 'GET')).status).toBe(405)
  })

  test('lets a fault of the codec through', () => {
    const broken = makeMessageEndpoint(
      makeFindMessage({
        encode: () => {
          throw new Error('no encoder')
        },
      }),
    )
    const request = new Request('http://127.0.0.1/', {
      method: 'POST',
      body: JSON.stringify({ providerStates: [{ name: 'user updated' }] }),
    })
    expect(broken(request)).rejects.toThrow('no encoder')
  })
})
