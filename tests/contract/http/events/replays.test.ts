import { describe, expect, test } from 'bun:test'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type { ReplayEvents } from '../../../../src/ports/driving/events/events.ts'
import { givenApi, jsonRequest, SESSION, USER } from '../given-api.ts'
import { problemCode } from '../given-routes.ts'

const CHANNEL = 'nats:user.events'

const ask = (body: unknown, replayEvents?: ReplayEvents): Promise<Response> =>
  givenApi(replayEvents === undefined ? {} : { replayEvents }).send(
    '/v1/admin/events/replay',
    jsonRequest('POST', body, 'admin'),
  )

describe('the replay route', () => {
  test('passes on what was asked for and by whom, and answers 202 with the number', async () => {
    const asked: unknown[] = []
    const body = {
      channel: CHANNEL,
      userId: USER.id,
      from: '2026-11-23T00:00:00Z',
      to: '2026-11-24T00:00:00Z',
    }
    const response = await ask(body, async (request, caller) => {
      asked.push([request, caller?.id, caller?.session.id])
      return ok({ replayed: 12 })
    })
    expect(response.status).toBe(202)
    expect(await response.json()).toEqual({ replayed: 12 })
    expect(asked).toEqual([[body, USER.id, SESSION.id]])
  })

  test('passes on no value for what the body leaves out', async () => {
    const asked: unknown[] = []
    await ask({ channel: CHANNEL }, async (request) => {
      asked.push(request)
      return ok({ replayed: 0 })
    })
    expect(asked).toEqual([{ channel: CHANNEL, userId: null, from: null, to: null }])
  })

  test.each([
    ['unknown-channel', '#/channel'],
    ['invalid-user-id', '#/userId'],
    ['invalid-from', '#/from'],
    ['invalid-to', '#/to'],
    ['empty-span', '#/to'],
  ] as const)('refuses %s at %s [AZ8]', async (kind, pointer) => {
    const response = await ask({ channel: CHANNEL }, async () => fail({ kind }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] })
  })

  test.each([
    {},
    { channel: null },
    { channel: CHANNEL, userId: null },
    { channel: CHANNEL, limit: 1 },
    { channel: [CHANNEL] },
    { channel: CHANNEL, from: 0 },
  ])('refuses the body %j', async (body) => {
    const response = await ask(body)
    expect(response.status).toBe(422)
    expect(await problemCode(response)).toBe('invalid-request')
  })
})
