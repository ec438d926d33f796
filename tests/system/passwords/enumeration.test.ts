import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { hash } from '@node-rs/argon2'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { send } from '../../support/builders/http/given-http.ts'
import { composedService } from '../../support/builders/service/composed-service.ts'
import { metricOf, VERIFICATIONS } from '../../support/processes/service/metrics-of.ts'
import { preparedData } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { startService } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 60_000
const OLDER = { memoryCost: 12_288, timeCost: 2, parallelism: 1 }

let service: Service
beforeAll(async () => {
  const dataDirectory = await preparedData()
  // No route can bring accounts into these states, so they are stored before the service starts.
  const composed = await composedService({ DATA_DIR: dataDirectory, RATE_LIMITS: 'off' })
  for (const name of ['wrong', 'inactive', 'passwordless', 'outdated', 'counted', 'besieged']) {
    const { id } = await composed.register(name)
    await spoil[name]?.(composed, id)
  }
  await composed.end()
  service = await startService({
    dataDirectory,
    environment: {
      TRUSTED_PROXY_HOPS: '1',
      RATE_LIMIT_REGISTER: '3/3600',
      RATE_LIMIT_SIGN_IN_ACCOUNT: '10000/900',
    },
  })
}, MILLISECONDS)
afterAll(async () => {
  await service.stop()
})

type Composed = Awaited<ReturnType<typeof composedService>>
const spoil: Readonly<Record<string, (composed: Composed, id: string) => Promise<unknown>>> = {
  inactive: (composed, id) => composed.change(id, { isActive: false }),
  passwordless: (composed, id) => composed.storeHash(id, null),
  outdated: async (composed, id) => composed.storeHash(id, await hash(PASSWORD, OLDER)),
}

let addresses = 0
/** An address that no budget has seen. */
const newAddress = () => {
  addresses += 1
  return { 'x-forwarded-for': `198.51.100.${addresses}` }
}
const login = (identifier: string, password: string, headers = newAddress()): Promise<Answer> =>
  send(service, 'POST', '/v1/auth/login', { body: { identifier, password }, headers })

describe('a refused sign-in', () => {
  // Where the password is PASSWORD, an active account of that name would accept it.
  const classes = [
    ['nobody', PASSWORD],
    ['nobody@example.com', PASSWORD],
    ['not @ name', PASSWORD],
    ['wrong', 'a guess at it all'],
    ['wrong@example.com', 'a guess at it all'],
    ['wrong', ''],
    ['inactive', PASSWORD],
    ['inactive', 'a guess at it all'],
    ['passwordless', PASSWORD],
    ['passwordless', ''],
    ['outdated', 'a guess at it all'],
  ] as const

  test('has one answer for every reason: status, body and headers [EN1]', async () => {
    const looks = await Promise.all(
      classes.map(async ([identifier, password]) => {
        const { status, headers, body } = await login(identifier, password)
        const { traceId: _, ...rest } = body
        const shown = [...headers].filter(([name]) => name !== 'x-trace-id' && name !== 'date')
        return JSON.stringify([status, rest, shown.toSorted()])
      }),
    )
    expect(new Set(looks).size).toBe(1)
    expect(looks[0]).toContain('[401,')
    expect(looks[0]).toContain('"bad-credentials"')
    expect(looks[0]).toContain('cache-control')
  })

  test('costs one verification for every reason [EN1]', async () => {
    for (const [identifier, password] of classes) {
      const before = await metricOf(service, VERIFICATIONS)
      await login(identifier, password)
      expect([identifier, (await metricOf(service, VERIFICATIONS)) - before]).toEqual([
        identifier,
        1,
      ])
    }
  })

  test('is answered the same however often it was refused before: no account is locked [EN1]', async () => {
    const answers: number[] = []
    for (let attempt = 0; attempt < 8; attempt += 1)
      answers.push((await login('wrong', 'a guess at it all')).status)
    expect(new Set(answers)).toEqual(new Set([401]))
    expect((await login('wrong', PASSWORD)).status).toBe(200)
  })
})

describe('a hundred failures in a row', () => {
  test(
    'close an account to addresses that it does not know, and no answer reveals this [BF6, EN1]',
    async () => {
      // The address that registered the account.
      const home = { 'x-forwarded-for': '192.0.2.1' }
      for (let failure = 0; failure < 99; failure += 1) await login('besieged', 'a guess at it all')
      expect((await login('besieged', PASSWORD)).status).toBe(200)
      for (let failure = 0; failure < 100; failure += 1)
        await login('besieged', 'a guess at it all')
      const closed = await login('besieged', PASSWORD)
      const nobody = await login('nobody', PASSWORD)
      expect([closed.status, closed.body.code]).toEqual([401, 'bad-credentials'])
      expect([...closed.headers.keys()].toSorted()).toEqual([...nobody.headers.keys()].toSorted())
      expect((await login('besieged', PASSWORD, home)).status).toBe(200)
      // A sign-in from a known address clears all failures [BF11].
      expect((await login('besieged', PASSWORD)).status).toBe(200)
    },
    MILLISECONDS,
  )
})

describe('the budget of an identifier', () => {
  test('ends at the same attempt whether or not there is such an account [EN3]', async () => {
    const runs = await Promise.all(
      ['counted', 'nobody.else', 'counted@example.com', 'nobody@else.example', 'no @ name'].map(
        async (identifier) => {
          const headers = newAddress()
          const statuses: number[] = []
          for (let attempt = 0; attempt < 7; attempt += 1)
            statuses.push((await login(identifier, 'a guess at it all', headers)).status)
          return statuses
        },
      ),
    )
    for (const statuses of runs) expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
  })

  test('reveals only when to retry, whether or not the identifier is known [EN3]', async () => {
    const shapes = await Promise.all(
      ['outdated', 'nobody.there'].map(async (identifier) => {
        const headers = newAddress()
        for (let attempt = 0; attempt < 5; attempt += 1)
          await login(identifier, 'a guess at it all', headers)
        const { status, body, headers: shown } = await login(identifier, PASSWORD, headers)
        const { traceId: _, ...rest } = body
        return JSON.stringify([status, rest, [...shown.keys()].toSorted()])
      }),
    )
    expect(shapes[0]).toBe(String(shapes[1]))
  })

  test('is shared by all spellings of the identifier [EN3]', async () => {
    const headers = newAddress()
    const spellings = ['spelt@example.com', 'SPELT@example.com', 'Spelt@EXAMPLE.com']
    const statuses: number[] = []
    for (const spelling of [...spellings, ...spellings])
      statuses.push((await login(spelling, 'a guess at it all', headers)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  })
})

describe('registration with a taken address', () => {
  const register = (email: string, headers: Record<string, string>) => {
    const body = { email, username: `e${crypto.randomUUID().slice(0, 8)}`, password: PASSWORD }
    return send(service, 'POST', '/v1/auth/register', { body, headers })
  }

  test('is answered as taken, and uses the same budget as any other [EN4]', async () => {
    const headers = newAddress()
    const statuses: number[] = []
    for (const email of ['wrong@example.com', 'new.one@example.com', 'wrong@example.com'])
      statuses.push((await register(email, headers)).status)
    expect(statuses).toEqual([409, 201, 409])
    for (const email of ['wrong@example.com', 'new.two@example.com']) {
      const limited = await register(email, headers)
      expect(limited).toMatchObject({ status: 429, body: { code: 'too-many-attempts' } })
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(3000)
    }
    expect((await register('new.two@example.com', newAddress())).status).toBe(201)
  })

  test('costs a hash like any other [EN4]', async () => {
    const milliseconds = async (email: string) => {
      const headers = newAddress()
      const before = await metricOf(service, 'auth_process_cpu_seconds_total')
      await register(email, headers)
      return ((await metricOf(service, 'auth_process_cpu_seconds_total')) - before) * 1000
    }
    // A hash takes about 8 ms of processor time, everything else less than 3 ms. The minimum of several runs tells them apart.
    const runs: number[] = []
    for (let run = 0; run < 5; run += 1) runs.push(await milliseconds('wrong@example.com'))
    expect(Math.min(...runs)).toBeGreaterThan(5)
  })
})
