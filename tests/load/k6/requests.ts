import { check } from 'k6'
import { scenario } from 'k6/execution'
import type { Params, RefinedResponse } from 'k6/http'
import http from 'k6/http'
import { address, inTurn } from './accounts.ts'
import type { Account } from './registration.ts'
import { JSON_BODY, PASSWORD_BODY, registration, usernameFrom } from './registration.ts'
import { traceparent } from './trace.ts'

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
  const iteration = scenario.iterationInTest
  const headers = headersOf(inTurn(accounts, iteration))
  const body = JSON.stringify({ displayName: `Name ${iteration} ${scenario.name}` })
  const params = paramsFor('PATCH /v1/users/me', {
    ...headers,
    traceparent: traceparent(iteration),
  })
  return checkStatus(200, http.patch(`${address(iteration)}/v1/users/me`, body, params))
}

export const register = (): Answer => {
  const iteration = scenario.iterationInTest
  const body = registration(usernameFrom(`${scenario.name === 'load' ? 8 : 9}${iteration}`))
  const headers = { ...JSON_BODY, traceparent: traceparent(iteration) }
  const params = paramsFor('POST /v1/auth/register', headers)
  return checkStatus(201, http.post(`${address(iteration)}/v1/auth/register`, body, params))
}

export const readProfile = (accounts: readonly Account[]): Answer => {
  const iteration = scenario.iterationInTest
  const params = paramsFor('GET /v1/users/me', headersOf(inTurn(accounts, iteration)))
  return checkStatus(200, http.get(`${address(iteration)}/v1/users/me`, params))
}

export const signIn = (accounts: readonly Account[]): Answer => {
  const iteration = scenario.iterationInTest
  const body = JSON.stringify({
    identifier: inTurn(accounts, iteration).username,
    ...PASSWORD_BODY,
  })
  const params = paramsFor('POST /v1/auth/login', JSON_BODY)
  return http.post(`${address(iteration)}/v1/auth/login`, body, params)
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
