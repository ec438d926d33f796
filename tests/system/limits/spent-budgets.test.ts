import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { send } from '../../support/builders/http/given-http.ts'
import { metricOf, VERIFICATIONS } from '../../support/processes/service/metrics-of.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { startService } from '../../support/processes/service/start-service.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { givenPostgres } from '../../support/servers/postgres/given-postgres.ts'

const MILLISECONDS = 120_000
const WRONG = 'a guess at it all'
const CONNECTIONS = 80
const ATTACKER = '198.18.0.1'
const HOME = '198.18.0.2'

const { url } = await givenPostgres()
const sql = postgres(url, { max: 1, onnotice: () => {} })
let service: Service
beforeAll(async () => {
  service = await startService({
    environment: { DATABASE_URL: url, TRUSTED_PROXY_HOPS: '1' },
  })
  await Promise.all(['victim', 'ada', 'grace'].map(register))
  for (let guess = 0; guess < 5; guess += 1)
    expect((await login('victim', WRONG, ATTACKER)).status).toBe(401)
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
  await sql.end()
})

const post = (path: string, body: unknown, from: string): Promise<Answer> =>
  send(service, 'POST', path, { body, headers: { 'x-forwarded-for': from } })
const register = (username: string) =>
  post(
    '/v1/auth/register',
    { email: `${username}@example.com`, username, password: PASSWORD },
    '198.18.0.3',
  )
const login = (identifier: string, password: string, from: string) =>
  post('/v1/auth/login', { identifier, password }, from)
const statusesOf = (answers: readonly Answer[]) => answers.map(({ status }) => status)

test('eighty connections whose budget is spent are refused although no sign-in can be read [PW13]', async () => {
  await sql.begin(async (locked) => {
    // Whoever takes a place of the hash queue first waits here, and the others find no place.
    await locked`lock table credentials in access exclusive mode`
    const answers = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => login('victim', PASSWORD, ATTACKER)),
    )
    expect(statusesOf(answers)).toEqual(Array(CONNECTIONS).fill(429))
  })
})

/** Of each connection. The honest sign-ins are over long before. */
const MOST_REQUESTS = 200

test(
  'while eighty connections go on with a spent budget, every sign-in from elsewhere gets through [PW13]',
  async () => {
    const before = await metricOf(service, VERIFICATIONS)
    const answered = Array<number>(CONNECTIONS).fill(0)
    const refused: Answer[] = []
    let isOver = false
    const flood = answered.map(async (_, connection) => {
      for (let request = 1; request <= MOST_REQUESTS && !isOver; request += 1) {
        refused.push(await login('victim', PASSWORD, ATTACKER))
        answered[connection] = request
      }
    })
    await until('an answer on each connection', () => answered.every((count) => count > 0))
    const honest = await Promise.all(
      ['ada', 'grace'].map(async (username) => {
        const answers: Answer[] = []
        for (let time = 0; time < 20; time += 1) answers.push(await login(username, PASSWORD, HOME))
        return answers
      }),
    )
    isOver = true
    await Promise.all(flood)
    expect(statusesOf(honest.flat())).toEqual(Array(40).fill(200))
    expect(statusesOf(refused)).toEqual(Array(refused.length).fill(429))
    expect((await metricOf(service, VERIFICATIONS)) - before).toBe(40)
  },
  MILLISECONDS,
)
