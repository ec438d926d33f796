import { check } from 'k6'
import { scenario } from 'k6/execution'
import type { Params, RefinedResponse } from 'k6/http'
import http from 'k6/http'
import type { Person } from './people.ts'
import { address, inTurn, JSON_BODY, nameOf, PASSWORD_BODY, registration } from './people.ts'
import { traceparent } from './trace.ts'

// One request each; `name` keeps them apart in reports, where addresses differ.

type Answer = RefinedResponse<'text'>

const answeredWith = (status: number, answer: Answer): Answer => {
  check(answer, { [`answered ${status}`]: (got) => got.status === status })
  return answer
}

const headersOf = (person: Person): Record<string, string> => ({
  ...JSON_BODY,
  authorization: `Bearer ${person.access}`,
})

const named = (name: string, headers: Record<string, string>): Params => ({
  headers,
  tags: { name },
})

/** One change that is told to everybody, of each person in turn. */
export const change = (people: readonly Person[]): Answer => {
  const iteration = scenario.iterationInTest
  const headers = headersOf(inTurn(people, iteration))
  const body = JSON.stringify({ displayName: `Name ${iteration}` })
  const params = named('PATCH /v1/users/me', { ...headers, traceparent: traceparent(iteration) })
  return answeredWith(200, http.patch(`${address(iteration)}/v1/users/me`, body, params))
}

export const register = (): Answer => {
  const iteration = scenario.iterationInTest
  const body = registration(nameOf(`${scenario.name === 'load' ? 8 : 9}${iteration}`))
  const headers = { ...JSON_BODY, traceparent: traceparent(iteration) }
  const params = named('POST /v1/auth/register', headers)
  return answeredWith(201, http.post(`${address(iteration)}/v1/auth/register`, body, params))
}

export const readProfile = (people: readonly Person[]): Answer => {
  const iteration = scenario.iterationInTest
  const params = named('GET /v1/users/me', headersOf(inTurn(people, iteration)))
  return answeredWith(200, http.get(`${address(iteration)}/v1/users/me`, params))
}

export const signIn = (people: readonly Person[]): Answer => {
  const iteration = scenario.iterationInTest
  const body = JSON.stringify({ identifier: inTurn(people, iteration).username, ...PASSWORD_BODY })
  const params = named('POST /v1/auth/login', JSON_BODY)
  return http.post(`${address(iteration)}/v1/auth/login`, body, params)
}

export const refresh = (token: string): Answer => {
  const body = JSON.stringify({ refreshToken: token })
  const params = named('POST /v1/auth/refresh', JSON_BODY)
  return answeredWith(200, http.post(`${address(0)}/v1/auth/refresh`, body, params))
}

export const signOut = (token: string): Answer => {
  const body = JSON.stringify({ refreshToken: token })
  const params = named('POST /v1/auth/logout', JSON_BODY)
  return answeredWith(204, http.post(`${address(0)}/v1/auth/logout`, body, params))
}

export const listSessions = (person: Person): Answer =>
  answeredWith(
    200,
    http.get(
      `${address(0)}/v1/users/me/sessions`,
      named('GET /v1/users/me/sessions', headersOf(person)),
    ),
  )

export const deleteAccount = (person: Person): Answer =>
  answeredWith(
    204,
    http.del(`${address(0)}/v1/users/me`, null, named('DELETE /v1/users/me', headersOf(person))),
  )
