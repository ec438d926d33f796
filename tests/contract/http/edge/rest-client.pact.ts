import { expect, test } from 'bun:test'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { MatchersV3, PactV4 } from '@pact-foundation/pact'
import { ROOT } from '../../../../scripts/repository.ts'

const { fromProviderState, integer, like, regex, string, uuid } = MatchersV3

const dir = join(ROOT, 'contracts/pacts')
rmSync(join(dir, 'rest-client-auth-service.json'), { force: true })
const pact = new PactV4({
  consumer: 'rest-client',
  provider: 'auth-service',
  dir,
  logLevel: 'error',
})
const JSON_TYPE = { 'Content-Type': 'application/json' }
const USER = {
  id: uuid('0198f3a2-4444-7000-8000-000000000001'),
  username: string('johndoe'),
  email: string('user@example.com'),
  displayName: string('John Doe'),
  avatar: null,
  role: regex('^(user|moderator|admin)$', 'user'),
  isActive: true,
}

const signIn = (url: string, password: string) =>
  fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: JSON_TYPE,
    body: JSON.stringify({ identifier: 'johndoe', password }),
  })

test('a REST client signs in', () =>
  pact
    .addInteraction()
    .given('account exists')
    .uponReceiving('a sign-in with the right password')
    .withRequest('POST', '/v1/auth/login', (request) => {
      request.jsonBody({ identifier: 'johndoe', password: 'correct horse battery staple' })
    })
    .willRespondWith(200, (response) => {
      const tokens = {
        accessToken: string('sample'),
        refreshToken: string('sample'),
        tokenType: 'Bearer',
        expiresIn: integer(600),
      }
      response.jsonBody({ user: USER, tokens })
    })
    .executeTest(async ({ url }) => {
      const answer = await signIn(url, 'correct horse battery staple')
      expect(answer.status).toBe(200)
    }))

test('a REST client gets a code for a wrong password', () =>
  pact
    .addInteraction()
    .given('account exists')
    .uponReceiving('a sign-in with a wrong password')
    .withRequest('POST', '/v1/auth/login', (request) => {
      request.jsonBody({ identifier: 'johndoe', password: 'not this one, for sure' })
    })
    .willRespondWith(401, (response) => {
      response.headers({ 'Content-Type': 'application/problem+json' })
      response.jsonBody({ code: 'bad-credentials', status: 401, title: like('Sign-in refused') })
    })
    .executeTest(async ({ url }) => {
      const answer = await signIn(url, 'not this one, for sure')
      expect(answer.status).toBe(401)
    }))

test('a REST client reads the profile of whoever is signed in', () =>
  pact
    .addInteraction()
    .given('account signed in')
    .uponReceiving('the own profile')
    .withRequest('GET', '/v1/users/me', (request) => {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Pact puts the value of the state in.
      const authorization = fromProviderState('Bearer ${accessToken}', 'Bearer sample')
      request.headers({ Authorization: authorization })
    })
    .willRespondWith(200, (response) => {
      response.jsonBody(USER)
    })
    .executeTest(async ({ url }) => {
      const headers = { Authorization: 'Bearer sample' }
      expect((await fetch(`${url}/v1/users/me`, { headers })).status).toBe(200)
    }))
