import { describe, expect, test } from 'bun:test'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import type {
  DismissDeadLetters,
  ListDeadLetters,
  ParkedItem,
  RedriveDeadLetters,
} from '../../../../src/ports/driving/events/dead-letters.ts'
import { bearer, givenApi, jsonRequest, NOW, SESSION, USER } from '../given-api.ts'
import { problemCode } from '../given-routes.ts'

const EVENT = { eventId: '0198f3a2-0000-7000-8000-0000000000ee', userId: USER.id, version: 3 }
const LETTER: ParkedItem = {
  kind: 'dead-letter',
  id: '17',
  consumer: 'backend',
  ...EVENT,
  attempts: 10,
  at: NOW,
  reason: 'handler-failed',
  detail: 'full',
  subject: 'user.events',
  streamSequence: 5,
}
const PARKED: ParkedItem = {
  kind: 'parked',
  channel: 'nats:user.events',
  ...EVENT,
  attempts: 1,
  at: NOW,
  reason: 'too large',
  detail: null,
  subject: null,
  streamSequence: null,
}

const list = (query: string, listDeadLetters?: ListDeadLetters): Promise<Response> =>
  givenApi(listDeadLetters === undefined ? {} : { listDeadLetters }).send(
    `/v1/admin/dead-letters${query}`,
    { headers: bearer('admin') },
  )
const redrive = (body: unknown, redriveDeadLetters?: RedriveDeadLetters): Promise<Response> =>
  givenApi(redriveDeadLetters === undefined ? {} : { redriveDeadLetters }).send(
    '/v1/admin/dead-letters/redrive',
    jsonRequest('POST', body, 'admin'),
  )

describe('the list of dead letters', () => {
  test('shows dead letters and parked deliveries without their payload, and where the next page begins', async () => {
    const response = await list('', async () => ok({ items: [PARKED, LETTER], next: 'd.17' }))
    expect(await response.json()).toEqual({
      items: [
        { ...PARKED, id: null, consumer: null, at: NOW.toISOString() },
        { ...LETTER, channel: null, at: NOW.toISOString() },
      ],
      nextCursor: 'd.17',
    })
  })

  test('passes on the consumer, the cursor and the limit', async () => {
    const asked: unknown[] = []
    const all: ListDeadLetters = async (query) => {
      asked.push(query)
      return ok({ items: [], next: null })
    }
    await list('?consumer=backend&cursor=d.17&limit=5', all)
    await list('', all)
    expect(asked).toEqual([
      { consumer: 'backend', cursor: 'd.17', limit: 5 },
      { consumer: null, cursor: null, limit: 20 },
    ])
  })

  test.each([
    ['invalid-consumer', '#/consumer', 'not-a-consumer'],
    ['invalid-cursor', '#/cursor', 'not-readable'],
  ] as const)('refuses %s at %s', async (kind, pointer, code) => {
    const response = await list('', async () => fail({ kind }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer, code }],
    })
  })

  test('is unavailable while the broker is', async () => {
    const response = await list('', async () => {
      throw new Unavailable('NATS is not connected')
    })
    expect(response.status).toBe(503)
    expect(await problemCode(response)).toBe('unavailable')
  })
})

describe('the redrive route', () => {
  test('passes on the ids, the consumer, a limit of a thousand and the caller, and answers 202 with the number', async () => {
    const asked: unknown[] = []
    const all: RedriveDeadLetters = async (request, caller) => {
      asked.push([request, caller?.id, caller?.session.id])
      return ok({ redriven: 2, malformed: 1 })
    }
    const response = await redrive({ consumer: 'backend', ids: ['17', '18'] }, all)
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ redriven: 2, malformed: 1 })
    await redrive({ consumer: 'backend' }, all)
    expect(asked).toEqual([
      [{ consumer: 'backend', ids: ['17', '18'], atMost: 1000 }, USER.id, SESSION.id],
      [{ consumer: 'backend', ids: null, atMost: 1000 }, USER.id, SESSION.id],
    ])
  })

  test('names a malformed id and a malformed consumer name', async () => {
    const wrongId = await redrive({ consumer: 'backend', ids: ['1', 'x'] }, async () =>
      fail({ kind: 'invalid-id', index: 1 }),
    )
    expect(await wrongId.json()).toMatchObject({ errors: [{ pointer: '#/ids/1' }] })
    const nobody = await redrive({ consumer: '*' }, async () => fail({ kind: 'invalid-consumer' }))
    expect(await nobody.json()).toMatchObject({ errors: [{ pointer: '#/consumer' }] })
    expect([wrongId.status, nobody.status]).toEqual([422, 422])
    const unknown = await redrive({ consumer: 'nosuch' }, async () =>
      fail({ kind: 'unknown-consumer' }),
    )
    expect([unknown.status, await problemCode(unknown)]).toEqual([404, 'not-found'])
  })

  test.each([
    {},
    { consumer: null },
    { consumer: ['backend'] },
    { consumer: 'backend', ids: [] },
    { consumer: 'backend', ids: '17' },
    { consumer: 'backend', ids: [17] },
    { consumer: 'backend', ids: [['17']] },
    { consumer: 'backend', ids: [{ toString: 1 }] },
    { consumer: 'backend', ids: null },
    { consumer: 'backend', ids: Array(101).fill('17') },
    { consumer: 'backend', ids: Array(2000).fill('17') },
    { consumer: 'backend', subject: 'user.events' },
  ])('refuses the body %j', async (body) => {
    const response = await redrive(body)
    expect(response.status).toBe(422)
    expect(await problemCode(response)).toBe('invalid-request')
  })
})

describe('the route that dismisses dead letters', () => {
  const BODY = { consumer: 'backend', ids: ['17', '18'], reason: 'nobody reads these' }
  const dismiss = (body: unknown, dismissDeadLetters?: DismissDeadLetters): Promise<Response> =>
    givenApi(dismissDeadLetters === undefined ? {} : { dismissDeadLetters }).send(
      '/v1/admin/dead-letters/dismiss',
      jsonRequest('POST', body, 'admin'),
    )

  test('passes on the consumer, the ids, the reason and the caller, and answers 204', async () => {
    const asked: unknown[] = []
    const response = await dismiss(BODY, async (request, caller) => {
      asked.push([request, caller?.id, caller?.session.id])
      return ok({ dismissed: 2 })
    })
    expect([response.status, await response.text()]).toEqual([204, ''])
    expect(asked).toEqual([[BODY, USER.id, SESSION.id]])
  })

  test('answers 404 for a consumer that does not exist', async () => {
    const response = await dismiss(BODY, async () => fail({ kind: 'unknown-consumer' }))
    expect([response.status, await problemCode(response)]).toEqual([404, 'not-found'])
  })

  test.each([
    [{ kind: 'invalid-consumer' }, '#/consumer'],
    [{ kind: 'invalid-id', index: 1 }, '#/ids/1'],
    [{ kind: 'nothing-selected' }, '#/ids'],
    [{ kind: 'no-reason' }, '#/reason'],
  ] as const)('answers 422 for %j', async (refusal, pointer) => {
    const response = await dismiss(BODY, async () => fail(refusal))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
  })

  test.each([
    { ...BODY, reason: undefined },
    { ...BODY, reason: ' ' },
    { ...BODY, reason: 'a\nb' },
    { ...BODY, reason: 'x'.repeat(501) },
    { ...BODY, ids: undefined },
    { ...BODY, ids: [] },
    { ...BODY, ids: ['x'] },
    { ...BODY, ids: Array(101).fill('17') },
    { ...BODY, consumer: '*' },
    { ...BODY, all: true },
  ])('refuses the body %j before anything is asked', async (body) => {
    const response = await dismiss(body, async () => {
      throw new Error('asked')
    })
    expect(response.status).toBe(422)
    expect(await problemCode(response)).toBe('invalid-request')
  })
})
