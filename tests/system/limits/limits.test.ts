import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { send } from '../../support/builders/http/given-http.ts'
import { metricOf, VERIFICATIONS } from '../../support/processes/service/metrics-of.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 60_000
const WRONG = 'a guess at it all'

/** Short enough to wait for its end, and long enough for a few requests on a slow machine. */
const SHORT_WINDOW_SECONDS = 4

const start = (windowSeconds: number) =>
  startPreparedService({
    environment: {
      TRUSTED_PROXY_HOPS: '1',
      RATE_LIMIT_REGISTER: '10000/3600',
      RATE_LIMIT_SIGN_IN_ACCOUNT_PREFIX: `5/${windowSeconds}`,
      RATE_LIMIT_SIGN_IN_ACCOUNT: '10/900',
      RATE_LIMIT_SIGN_IN_PREFIX: '50/900',
      RATE_LIMIT_REFRESH: `4/${windowSeconds}`,
    },
  })

let service: Service
/** Budgets with windows that a test can wait for. */
let hasty: Service
beforeAll(async () => {
  service = await start(900)
  hasty = await start(SHORT_WINDOW_SECONDS)
}, MILLISECONDS)
afterAll(async () => {
  await Promise.all([service.stop(), hasty.stop()])
})

let numbers = 0
const newAddress = (): string => {
  numbers += 1
  return `198.18.${numbers >> 8}.${numbers & 255}`
}

const postTo = (
  to: Service,
  path: string,
  body: unknown,
  from: string,
  bearer?: string,
): Promise<Answer> =>
  send(to, 'POST', path, {
    body,
    headers: { 'x-forwarded-for': from },
    ...(bearer === undefined ? {} : { bearer }),
  })
const post = (path: string, body: unknown, from: string, bearer?: string) =>
  postTo(service, path, body, from, bearer)

const login = (identifier: string, password: string, from: string, at = service) =>
  postTo(at, '/v1/auth/login', { identifier, password }, from)

const somebody = async (at = service) => {
  numbers += 1
  const from = newAddress()
  const username = `limited${numbers}`
  const body = { email: `${username}@example.com`, username, password: PASSWORD }
  const { tokens, user } = (await postTo(at, '/v1/auth/register', body, from)).body
  return { username, from, id: user.id, ...tokens }
}

/** One after the other, so that the order of the answers is the order of the requests. */
const inTurn = async <T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = []
  for (let index = 0; index < times; index += 1) results.push(await work(index))
  return results
}
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status)
const waitOf = ({ headers }: Answer): number => Number(headers.get('retry-after'))

describe('an account over its budget at one address', () => {
  test('refuses the right password too, says for how long, and accepts it after that time [BF1]', async () => {
    const { username } = await somebody(hasty)
    const from = newAddress()
    const wrong = await inTurn(5, () => login(username, WRONG, from, hasty))
    expect(statuses(wrong)).toEqual([401, 401, 401, 401, 401])
    const limited = await login(username, PASSWORD, from, hasty)
    expect(limited).toMatchObject({ status: 429, body: { code: 'too-many-attempts' } })
    expect(limited.headers.get('content-type')).toBe('application/problem+json')
    expect(limited.headers.get('retry-after')).toMatch(/^[1-9][0-9]*$/)
    expect(waitOf(limited)).toBeLessThanOrEqual(SHORT_WINDOW_SECONDS)
    await Bun.sleep(waitOf(limited) * 1000)
    expect((await login(username, PASSWORD, from, hasty)).status).toBe(200)
  })

  test('is open from other addresses, and to its owner at all times [BF1]', async () => {
    const owner = await somebody()
    const stranger = newAddress()
    await inTurn(6, () => login(owner.username, WRONG, stranger))
    expect((await login(owner.username, PASSWORD, newAddress())).status).toBe(200)
    for (let attempt = 0; attempt < 12; attempt += 1)
      await login(owner.username, WRONG, newAddress())
    expect((await login(owner.username, PASSWORD, newAddress())).status).toBe(429)
    expect((await login(owner.username, PASSWORD, owner.from)).status).toBe(200)
  })

  test('gives a success back to the budget [BF1]', async () => {
    const { username, from } = await somebody()
    const right = await inTurn(8, () => login(username, PASSWORD, from))
    expect(statuses(right)).toEqual(Array(8).fill(200))
  })
})

describe('parallel guesses', () => {
  test('cost no more verifications than the budget has attempts [BF2]', async () => {
    const { username } = await somebody()
    const from = newAddress()
    const before = await metricOf(service, VERIFICATIONS)
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => login(username, `${WRONG} ${index}`, from)),
    )
    const counts = (status: number) => answers.filter((one) => one.status === status).length
    expect((await metricOf(service, VERIFICATIONS)) - before).toBe(5)
    expect([counts(401), counts(429)]).toEqual([5, 195])
  })
})

describe('guesses spread out', () => {
  test(
    'of one password over a thousand accounts stop at the budget of the address [BF3]',
    async () => {
      const from = newAddress()
      const before = await metricOf(service, VERIFICATIONS)
      const answers = await inTurn(1000, (index) => login(`sprayed${index}`, WRONG, from))
      expect(statuses(answers)).toEqual([...Array(50).fill(401), ...Array(950).fill(429)])
      expect((await metricOf(service, VERIFICATIONS)) - before).toBe(50)
    },
    MILLISECONDS,
  )

  test(
    'of one account over a thousand addresses stop at the budget of the account [BF3]',
    async () => {
      const { username } = await somebody()
      const before = await metricOf(service, VERIFICATIONS)
      const answers = await inTurn(1000, () => login(username, WRONG, newAddress()))
      expect(statuses(answers)).toEqual([...Array(10).fill(401), ...Array(990).fill(429)])
      expect((await metricOf(service, VERIFICATIONS)) - before).toBe(10)
    },
    MILLISECONDS,
  )
})

describe('the address that is counted', () => {
  const attempt = (username: string, headers: Record<string, string>) =>
    send(service, 'POST', '/v1/auth/login', {
      body: { identifier: username, password: WRONG },
      headers,
    })

  test('is what our own proxy wrote, whatever the client claims [BF4]', async () => {
    const { username } = await somebody()
    const own = newAddress()
    const answers = await inTurn(7, (index) =>
      attempt(username, {
        'x-forwarded-for': `203.0.113.${index}, 10.0.0.${index}, ${own}`,
        'x-real-ip': `203.0.113.${index}`,
        forwarded: `for=203.0.113.${index}`,
        'x-client-ip': `203.0.113.${index}`,
        'cf-connecting-ip': `203.0.113.${index}`,
      }),
    )
    expect(statuses(answers)).toEqual([401, 401, 401, 401, 401, 429, 429])
  })

  test('is the same for a whole IPv6 network of 64 bits [BF4]', async () => {
    const { username } = await somebody()
    const within = (index: number) => `2001:db8:7:${numbers.toString(16)}:${index}::${index}`
    const answers = await inTurn(7, (index) =>
      attempt(username, { 'x-forwarded-for': within(index) }),
    )
    expect(statuses(answers)).toEqual([401, 401, 401, 401, 401, 429, 429])
    expect((await attempt(username, { 'x-forwarded-for': '2001:db8:8::1' })).status).toBe(401)
  })
})

describe('a secret that a signed-in user is asked for', () => {
  test.each([
    [
      'to change the password',
      '/v1/users/me/password',
      { currentPassword: WRONG, newPassword: 'another long pass phrase' },
    ],
    ['to prove who they are', '/v1/auth/reauthenticate', { password: WRONG }],
  ] as const)('%s draws on a budget [BF7]', async (_, path, body) => {
    const { accessToken } = await somebody()
    const from = newAddress()
    const before = await metricOf(service, VERIFICATIONS)
    const answers = await inTurn(12, () => post(path, body, from, accessToken))
    expect(statuses(answers)).toEqual([...Array(10).fill(403), 429, 429])
    expect((await metricOf(service, VERIFICATIONS)) - before).toBe(10)
    expect(waitOf(answers[11] ?? fail())).toBeGreaterThanOrEqual(1)
  })

  test('does not shut out the sign-in of the same account [BF7]', async () => {
    const { username, accessToken, from } = await somebody()
    await inTurn(11, () => post('/v1/auth/reauthenticate', { password: WRONG }, from, accessToken))
    expect((await login(username, PASSWORD, from)).status).toBe(200)
  })

  test('is asked for as before after a stranger signed in under the id of the user [BF10]', async () => {
    const { accessToken, from, id } = await somebody()
    await inTurn(12, () => login(`user:${id}`, WRONG, newAddress()))
    const body = { password: PASSWORD }
    expect((await post('/v1/auth/reauthenticate', body, from, accessToken)).status).toBe(204)
  })
})

describe('refresh tokens', () => {
  test('with a wrong MAC draw on the budget of the address [BF7]', async () => {
    const { refreshToken } = await somebody()
    const from = newAddress()
    const forged = `${refreshToken.slice(0, -2)}${refreshToken.endsWith('AA') ? 'BB' : 'AA'}`
    const answers = await inTurn(52, () => post('/v1/auth/refresh', { refreshToken: forged }, from))
    expect(statuses(answers)).toEqual([...Array(50).fill(401), 429, 429])
    expect((await post('/v1/auth/refresh', { refreshToken }, newAddress())).status).toBe(200)
  })

  test('of one session use its budget when they rotate, and are told how long to wait [BF7]', async () => {
    let { refreshToken, from } = await somebody(hasty)
    const refresh = () => postTo(hasty, '/v1/auth/refresh', { refreshToken }, from)
    const answers = await inTurn(5, async () => {
      const answer = await refresh()
      if (answer.status === 200) refreshToken = answer.body.tokens.refreshToken
      return answer
    })
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 429])
    await Bun.sleep(waitOf(answers[4] ?? fail()) * 1000)
    expect((await refresh()).status).toBe(200)
  })
})

const fail = (): never => {
  throw new Error('there is no such answer')
}
