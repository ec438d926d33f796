import { expect, test } from 'bun:test'
import { makeReadPasswordRules } from '../../../../src/application/passwords/choose-password.ts'
import { fail } from '../../../../src/domain/shared/result.ts'
import { givenApi, jsonRequest, REGISTRATION } from '../given-api.ts'

const rulesOf = async (minimumLength: number) => {
  const { send } = givenApi({ readPasswordRules: makeReadPasswordRules({ minimumLength }) })
  const response = await send('/v1/auth/password-rules')
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('public, max-age=300')
  return JSON.parse(await response.text())
}

test('the password rules tell the lengths of this installation to anybody', async () => {
  expect(await rulesOf(12)).toMatchObject({ minimumLength: 12, maximumLength: 128 })
  expect(await rulesOf(8)).toMatchObject({ minimumLength: 8 })
})

test('the password rules have the code and the sentence of every refusal of a password', async () => {
  const { weaknesses } = await rulesOf(9)
  for (const [weakness, limit] of [
    ['too-short', 9],
    ['too-long', 128],
    ['too-common', undefined],
    ['made-of-names', undefined],
  ] as const) {
    const { send } = givenApi({
      registerUser: async () =>
        fail({ kind: 'weak-password', field: 'password', weakness, ...(limit && { limit }) }),
    })
    const response = await send('/v1/auth/register', jsonRequest('POST', REGISTRATION))
    const [{ code, detail }] = JSON.parse(await response.text()).errors
    expect(weaknesses).toContainEqual({ code, detail })
  }
  expect(weaknesses).toHaveLength(4)
})
