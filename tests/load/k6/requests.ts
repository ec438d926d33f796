import { check } from 'k6'
import type { Params, RefinedResponse } from 'k6/http'
import http from 'k6/http'
import { address, inTurn } from './accounts.ts'
import type { Account } from './registration.ts'
import { JSON_BODY, PASSWORD_BODY, registration, usernameFrom } from './registration.ts'
import { thisIteration } from './trace.ts'

// One function for each request. The tag `name` groups requests in reports, because their addresses differ.

type Answer = RefinedResponse<'text'>

const checkStatus = (status: number, answer: Answer): Answer => {
  check(answer, { [`answered ${status}`]: (got) => got.status === status })
  return answer
}

const headersOf = (account: Account): Record<string, string> => ({
  ...JSON_BODY,
  authorization: `Bearer ${account.access}`,
})

const paramsFor = (name: string, headers: Record<string, string>): Params => ({
  headers,
  tags: { name },
})

/**
 * Changes the display name of each account in turn. Each change makes one event, because no account gets the same name twice:
 * the warm-up and the load both count from 0.
 */
export const change = (accounts: readonly Account[]): Answer => {
  const { number, scenarioName, traceparent } = thisIteration()
  const headers = { ...headersOf(inTurn(accounts, number)), traceparent }
  const body = JSON.stringify({ displayName: `Name ${number} ${scenarioName}` })
  const params = paramsFor('PATCH /v1/users/me', headers)
  return checkStatus(200, http.patch(`${address(number)}/v1/users/me`, body, params))
}

export const register = (): Answer => {
  const { number, scenarioName, traceparent } = thisIteration()
  const body = registration(usernameFrom(`${scenarioName === 'load' ? 8 : 9}${number}`))
  const params = paramsFor('POST /v1/auth/register', { ...JSON_BODY, traceparent })
  return checkStatus(201, http.post(`${address(number)}/v1/auth/register`, body, params))
}

export const readProfile = (accounts: readonly Account[]): Answer => {
  const { number } = thisIteration()
  const params = paramsFor('GET /v1/users/me', headersOf(inTurn(accounts, number)))
  return checkStatus(200, http.get(`${address(number)}/v1/users/me`, params))
}

export const signIn = (accounts: readonly Account[]): Answer => {
  const { number } = thisIteration()
  const body = JSON.stringify({
    identifier: inTurn(accounts, number).username,
    ...PASSWORD_BODY,
  })
  const params = paramsFor('POST /v1/auth/login', JSON_BODY)
  return http.post(`${address(number)}/v1/auth/login`, body, params)
}

export const refresh = (token: string): Answer => {
  const body = JSON.stringify({ refreshToken: token })
  const params = paramsFor('POST /v1/auth/refresh', JSON_BODY)
  return checkStatus(200, http.post(`${address(0)}/v1/auth/refresh`, body, params))
}

export const signOut = (token: string): Answer => {
  const body = JSON.stringify({ refreshToken: token })
  const params = paramsFor('POST /v1/auth/logout', JSON_BODY)
  return checkStatus(204, http.post(`${address(0)}/v1/auth/logout`, body, params))
}

export const listSessions = (account: Account): Answer =>
  checkStatus(
    200,
    http.get(
      `${address(0)}/v1/users/me/sessions`,
      paramsFor('GET /v1/users/me/sessions', headersOf(account)),
    ),
  )

export const deleteAccount = (account: Account): Answer =>
  checkStatus(
    204,
    http.del(
      `${address(0)}/v1/users/me`,
      null,
      paramsFor('DELETE /v1/users/me', headersOf(account)),
    ),
  )
