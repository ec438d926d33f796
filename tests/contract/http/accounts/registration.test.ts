import { describe, expect, test } from 'bun:test'
import { fail } from '../../../../src/domain/shared/result.ts'
import { givenApi, jsonRequest, REGISTRATION, USER } from '../given-api.ts'

const register = (body: unknown) => jsonRequest('POST', body)

describe('POST /v1/auth/register', () => {
  test('a registration answers 201 with the user, tokens and an entity tag', async () => {
    const { send } = givenApi()
    const response = await send('/v1/auth/register', register(REGISTRATION))
    expect(response.status).toBe(201)
    expect(response.headers.get('etag')).toBe('"3"')
    const body = await response.json()
    expect(body).toMatchObject({
      user: { id: USER.id, role: 'user' },
      tokens: { tokenType: 'Bearer' },
    })
  })

  test('a field that nobody may set is refused by name [RG10]', async () => {
    const { send } = givenApi()
    const response = await send('/v1/auth/register', register({ ...REGISTRATION, role: 'admin' }))
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '#/role', code: 'unknown-field' }],
    })
  })

  test('a taken address answers 409 with its code', async () => {
    const { send } = givenApi({ registerUser: async () => fail({ kind: 'email-taken' }) })
    const response = await send('/v1/auth/register', register(REGISTRATION))
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({
      code: 'email-taken',
      type: '/problems/email-taken',
    })
  })
})
