import { describe, expect, test } from 'bun:test'
import { makeConfusables } from '../../../../src/adapters/unicode/confusables.ts'
import { makeChooseUsername } from '../../../../src/application/accounts/choose-username.ts'
import { makeCheckRegistration } from '../../../../src/application/accounts/parse-registration.ts'
import { makeCheckProfile } from '../../../../src/application/accounts/update-profile.ts'
import { makeChoosePassword } from '../../../../src/application/passwords/choose-password.ts'
import type { Role } from '../../../../src/domain/accounts/role.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import { givenApi, jsonRequest, REGISTRATION } from '../given-api.ts'

const chooseUsername = makeChooseUsername(makeConfusables())
const choosePassword = makeChoosePassword({
  blocklist: { has: (password) => password === 'password1234' },
  minimumLength: 12,
  serviceNames: ['auth-service'],
})

const api = () =>
  givenApi({
    checkRegistration: makeCheckRegistration({ chooseUsername, choosePassword }),
    checkProfile: makeCheckProfile({ chooseUsername }),
    checkNewPassword: async (_, password) =>
      password.length < 12 ? [{ field: 'newPassword', code: 'too-short', limit: 12 }] : [],
  })

const faultsOf = async (method: string, path: string, body: unknown, role?: Role) => {
  const response = await api().send(path, {
    ...jsonRequest(method, body, role),
    ...(method === 'PUT' && {
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer admin-token',
        'if-match': '*',
      },
    }),
  })
  const problem = JSON.parse(await response.text())
  expect([response.status, problem.code]).toEqual([422, 'invalid-request'])
  expect(problem.detail).toBe('Some fields are invalid; see errors.')
  return Object.fromEntries(
    problem.errors.map(({ pointer, code, detail }: Record<string, string>) => [
      pointer,
      `${code}: ${detail}`,
    ]),
  )
}

describe('all faults of a body are in one answer', () => {
  test('of a registration, whether its shape or a rule is broken, each with its limit', async () => {
    expect(
      await faultsOf('POST', '/v1/auth/register', {
        email: 'x',
        username: 7,
        password: 'short',
        displayName: 'x'.repeat(101),
        refreshTransport: 'header',
        nickname: 'Jo',
      }),
    ).toEqual({
      '#/email': 'not-an-email: This is not an email address of at most 254 characters.',
      '#/username': 'wrong-type: This must be a text.',
      '#/password': 'too-short: This must have at least 12 characters.',
      '#/displayName': 'not-a-display-name: A display name is 1 to 100 visible characters.',
      '#/refreshTransport': 'not-allowed: This must be `cookie`.',
      '#/nickname': 'unknown-field: This field is not known here.',
    })
  })

  test.each([
    ['too-long', 'x'.repeat(129), 'This may have at most 128 characters.'],
    ['too-common', 'password1234', 'This password is on the list of common passwords.'],
    [
      'made-of-names',
      'auth-service-1',
      'This password is made of your names or of the name of this service.',
    ],
  ])(
    'of a registration without a username and with a password that is %s',
    async (code, password, detail) => {
      const { email } = REGISTRATION
      expect(await faultsOf('POST', '/v1/auth/register', { email, password })).toEqual({
        '#/username': 'required: This field is required.',
        '#/password': `${code}: ${detail}`,
      })
    },
  )

  test('of a registration with an Idempotency-Key that is none', async () => {
    const { headers, ...request } = jsonRequest('POST', { ...REGISTRATION, email: 'x' })
    const response = await api().send('/v1/auth/register', {
      ...request,
      headers: { ...Object(headers), 'idempotency-key': 'x'.repeat(256) },
    })
    expect(await response.json()).toMatchObject({
      errors: [{ pointer: '#/Idempotency-Key' }, { pointer: '#/email', code: 'not-an-email' }],
    })
  })

  test('of a profile', async () => {
    const patch = { username: 'ab', displayName: '', avatar: 'http://x', role: 'admin' }
    expect(await faultsOf('PATCH', '/v1/users/me', patch, 'user')).toEqual({
      '#/username': 'length: A username has 3 to 30 characters.',
      '#/displayName': 'not-a-display-name: A display name is 1 to 100 visible characters.',
      '#/avatar': 'not-an-https-url: This is not an https URL of at most 2048 characters.',
      '#/role': 'unknown-field: This field is not known here.',
    })
  })

  test('of a change of the password', async () => {
    const body = { currentPassword: 7, newPassword: 'short' }
    expect(await faultsOf('POST', '/v1/users/me/password', body, 'user')).toEqual({
      '#/currentPassword': 'wrong-type: This must be a text.',
      '#/newPassword': 'too-short: This must have at least 12 characters.',
    })
  })

  test('of a request to link an identity', async () => {
    const body = { redirectUri: 7, state: 'a b', codeChallenge: 'short' }
    expect(await faultsOf('POST', '/v1/users/me/identities/google', body, 'user')).toEqual({
      '#/redirectUri': 'wrong-type: This must be a text.',
      '#/state': 'invalid-characters: A state must be 1 to 512 visible ASCII characters.',
      '#/codeChallenge': 'invalid-characters: A code challenge must be 43 characters of base64url.',
    })
  })

  test('of an exchange of a code', async () => {
    const body = { code: 'x'.repeat(5000), state: null, codeVerifier: 'short' }
    expect(await faultsOf('POST', '/v1/auth/oauth/exchange', body)).toEqual({
      '#/code': 'too-long: This may have at most 4096 characters.',
      '#/state': 'wrong-type: This must be a text.',
      '#/codeVerifier':
        'invalid-characters: A code verifier must be 43 to 128 letters, digits, `-`, `.`, `_` and `~`.',
      '#/redirectUri': 'required: This field is required.',
    })
  })

  test('of a change of the mode', async () => {
    const body = { mode: 'fast', percent: 101, dualWrite: 'yes', reason: ' ', confirmSilence: [7] }
    expect(await faultsOf('PUT', '/v1/admin/sync', body)).toEqual({
      '#/mode': 'unknown-mode: This must be http, dual, canary or events.',
      '#/percent': 'wrong-type: This must be a whole number from 0 to 100.',
      '#/dualWrite': 'wrong-type: This must be true or false.',
      '#/confirmSilence/0': 'wrong-type: This must be a text.',
      '#/reason': 'no-reason: A reason of 1 to 500 visible characters is required.',
    })
    expect(
      await faultsOf('PUT', '/v1/admin/sync', { mode: 'dual', percent: 5, reason: '' }),
    ).toEqual({
      '#/percent': 'only-canary: Only the mode canary takes a percentage.',
      '#/reason': 'no-reason: A reason of 1 to 500 visible characters is required.',
    })
  })

  test('of a replay', async () => {
    const body = { channel: 7, userId: 'x', from: 'yesterday', to: '2026-02-30T00:00:00Z' }
    expect(await faultsOf('POST', '/v1/admin/events/replay', body, 'admin')).toEqual({
      '#/channel': 'wrong-type: This must be a text.',
      '#/userId': 'not-an-id: This is not an id.',
      '#/from':
        'not-an-instant: This is not a time in the format of RFC 3339, for example 2026-11-24T00:00:00Z.',
      '#/to':
        'not-an-instant: This is not a time in the format of RFC 3339, for example 2026-11-24T00:00:00Z.',
    })
    const span = { channel: 'x', from: '2026-11-25T00:00:00Z', to: '2026-11-24T00:00:00Z', all: 1 }
    expect(await faultsOf('POST', '/v1/admin/events/replay', span, 'admin')).toEqual({
      '#/to': 'not-after-from: This must be later than `from`.',
      '#/all': 'unknown-field: This field is not known here.',
    })
  })

  test('of a redrive', async () => {
    const body = { consumer: 'a b', ids: ['1', 'x'] }
    expect(await faultsOf('POST', '/v1/admin/dead-letters/redrive', body, 'admin')).toEqual({
      '#/consumer':
        'not-a-consumer: The name of a consumer must be 1 to 64 letters, digits, `-` and `_`.',
      '#/ids/1': 'not-an-id: This is not an id.',
    })
    const long = { consumer: 'backend', ids: Array.from({ length: 101 }, () => '1') }
    expect(await faultsOf('POST', '/v1/admin/dead-letters/redrive', long, 'admin')).toEqual({
      '#/ids': 'too-long: This may have at most 100 items.',
    })
    expect(
      await faultsOf('POST', '/v1/admin/dead-letters/redrive', { consumer: 'x', ids: [] }, 'admin'),
    ).toEqual({ '#/ids': 'too-short: This must have at least 1 item.' })
  })

  test('and each place has one error, which repeats nothing that was sent [LE2]', async () => {
    const canary = 'canary-7f3a'
    const body = { email: canary, username: `@${canary}`, password: 'x', displayName: [canary] }
    const response = await api().send('/v1/auth/register', jsonRequest('POST', body))
    const text = await response.text()
    expect(text).not.toContain(canary)
    const pointers = JSON.parse(text).errors.map(({ pointer }: { pointer: string }) => pointer)
    expect(pointers).toHaveLength(4)
    expect(new Set(pointers).size).toBe(4)
  })
})

describe('fields that a guard or a limit protects', () => {
  test('are not checked for somebody who is not signed in', async () => {
    const checked: string[] = []
    const { send } = givenApi({
      checkNewPassword: async (_, password) => {
        checked.push(password)
        return []
      },
    })
    const request = jsonRequest('POST', { currentPassword: 7, newPassword: 'short' })
    expect((await send('/v1/users/me/password', request)).status).toBe(401)
    expect(checked).toEqual([])
  })

  test('are not checked in a body that cannot be read', async () => {
    const checked: unknown[] = []
    const { send } = givenApi({
      checkRegistration: (fields) => {
        checked.push(fields)
        return []
      },
    })
    for (const body of ['{', 'null', '[]', '"x"'])
      expect((await send('/v1/auth/register', jsonRequest('POST', body))).ok).toBe(false)
    expect(checked.filter((fields) => Object.keys(Object(fields)).length > 0)).toEqual([])
  })
})

test('a password that is the only fault keeps its problem code, and tells its limit', async () => {
  const { send } = givenApi({
    registerUser: async () =>
      fail({ kind: 'weak-password', field: 'password', weakness: 'too-short', limit: 12 }),
  })
  const response = await send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
  expect(await response.json()).toMatchObject({
    code: 'weak-password',
    errors: [
      {
        pointer: '#/password',
        code: 'too-short',
        detail: 'This must have at least 12 characters.',
      },
    ],
  })
})
