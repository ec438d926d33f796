import { describe, expect, test } from 'bun:test'
import { fail, ok } from '../../../../src/domain/shared/result.ts'
import type { ExpectedVersions } from '../../../../src/ports/driving/accounts/accounts.ts'
import { bearer, givenApi, jsonRequest, USER } from '../given-api.ts'
import { problemCode } from '../given-routes.ts'

/** The expected versions that the use case gets for an If-Match header. */
const expectedFor = async (ifMatch: string | null): Promise<ExpectedVersions | undefined> => {
  const seen: ExpectedVersions[] = []
  const { send } = givenApi({
    updateProfile: async (_, __, expected) => {
      seen.push(expected)
      return ok(USER)
    },
  })
  const request = jsonRequest('PATCH', { displayName: 'Jo' }, 'user')
  const headers = { ...request.headers, ...(ifMatch === null ? {} : { 'if-match': ifMatch }) }
  await send('/v1/users/me', { ...request, headers })
  return seen[0]
}

describe('If-Match', () => {
  test.each([
    [null, null],
    ['*', null],
    ['"3"', [3]],
    ['"3", "4"', [3, 4]],
    ['W/"3"', []],
    ['W/"3", "4"', [4]],
    ['3', []],
    ['"x"', []],
    ['"03"', []],
    ['', []],
  ])('%p names the versions %p [AZ11]', async (header, versions) => {
    expect(await expectedFor(header)).toEqual(versions)
  })

  test('that does not name the present version answers 412, for a change and for a deletion [AZ11]', async () => {
    const stale = async () => fail({ kind: 'version-mismatch' } as const)
    const { send } = givenApi({ updateProfile: stale, deleteAccount: stale })
    const change = await send('/v1/users/me', jsonRequest('PATCH', { displayName: 'J' }, 'user'))
    const removal = await send('/v1/users/me', { method: 'DELETE', headers: bearer('user') })
    for (const response of [change, removal]) {
      expect(response.status).toBe(412)
      expect(await problemCode(response)).toBe('version-mismatch')
    }
  })
})

describe('a user answer', () => {
  test('carries its version as entity tag', async () => {
    const { send } = givenApi()
    const read = await send('/v1/users/me', { headers: bearer('user') })
    const changed = await send('/v1/users/me', jsonRequest('PATCH', { displayName: 'J' }, 'user'))
    expect([read.headers.get('etag'), changed.headers.get('etag')]).toEqual(['"3"', '"4"'])
  })

  test('has exactly the documented fields, whatever the store adds [AZ5]', async () => {
    const stored = { ...USER, passwordHash: '$argon2id$secret', salt: 'x' }
    const { send } = givenApi({ readProfile: async () => stored })
    const body = await (await send('/v1/users/me', { headers: bearer('user') })).json()
    expect(body).toEqual({
      id: USER.id,
      email: 'jo@example.com',
      emailVerified: false,
      username: 'johndoe',
      displayName: 'Jo',
      avatar: null,
      role: 'user',
      isActive: true,
      createdAt: '2026-11-24T10:00:00.000Z',
      updatedAt: '2026-11-24T10:00:00.000Z',
      version: 3,
    })
  })
})
