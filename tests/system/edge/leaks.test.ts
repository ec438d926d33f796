import { beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { dumpOf, openData } from '../../support/builders/database/open-data.ts'
import { send, signIn } from '../../support/builders/http/given-http.ts'
import { composedService, jsonInit } from '../../support/builders/service/composed-service.ts'
import { metricsOf } from '../../support/processes/service/metrics-of.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { rawRequest } from '../../support/processes/service/raw-request.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

const MILLISECONDS = 90_000

const EMAIL = 'canary.address@example.com'
const USERNAME = 'canary.person'
const PASSWORDS = ['canary-password-one', 'canary-password-two', 'canary-password-wrong'] as const
const AGENT = 'canary-agent/1.0'
const KEY = 'canary-idempotency-key'
const REFRESH_KEY = 'k1:Canary9Qx7vLm2ZpRt5WkYb8NdHs4GfUe3JoCi6'
const SECRET = REFRESH_KEY.slice(3)

describe('a service that was used in every way', () => {
  let service: Service
  const secrets: string[] = [...PASSWORDS, KEY, SECRET]
  let metrics = ''
  let logged = ''
  let printed: readonly string[] = []
  let dump: Readonly<Record<string, string>> = {}

  const keep = (tokens: { accessToken: string; refreshToken: string }) => {
    secrets.push(tokens.accessToken.split('.')[2] ?? '', tokens.refreshToken.split('.')[4] ?? '')
    return tokens
  }

  /** Every route in good and bad ways, as somebody whose every word can be found again. */
  const useEverything = async () => {
    const [password, changed, wrong] = PASSWORDS
    const headers = { 'user-agent': AGENT }
    const post = (path: string, body: unknown, bearer?: string, more = {}) =>
      send(service, 'POST', path, {
        body,
        headers: { ...headers, ...more },
        ...(bearer !== undefined && { bearer }),
      })
    const registration = {
      email: EMAIL,
      username: USERNAME,
      password,
      displayName: 'Canary Person',
    }
    const idempotent = { 'idempotency-key': KEY }
    const registered = await post('/v1/auth/register', registration, undefined, idempotent)
    expect(registered.status).toBe(201)
    keep(registered.body.tokens)
    keep((await post('/v1/auth/register', registration, undefined, idempotent)).body.tokens)
    await post('/v1/auth/register', { ...registration, password: wrong }, undefined, idempotent)
    await post('/v1/auth/register', registration)
    const login = (identifier: string, tried: string) =>
      post('/v1/auth/login', { identifier, password: tried })
    const signedIn = keep((await login(EMAIL, password)).body.tokens)
    await login(EMAIL, wrong)
    await login(USERNAME, wrong)
    await login('canary.nobody@example.com', wrong)
    // A password in the place of the name, as happens.
    await login(wrong, EMAIL)
    const me = (method: string, path: string, body?: unknown) =>
      send(service, method, path, {
        bearer: signedIn.accessToken,
        headers,
        ...(body !== undefined && { body }),
      })
    await me('GET', '/v1/users/me')
    await me('PATCH', '/v1/users/me', { displayName: 'Canary Changed' })
    await me('PATCH', '/v1/users/me', { avatar: `http://${wrong}`, username: wrong, role: wrong })
    await post('/v1/auth/reauthenticate', { password: wrong }, signedIn.accessToken)
    await post('/v1/auth/reauthenticate', { password }, signedIn.accessToken)
    await post(
      '/v1/users/me/password',
      { currentPassword: wrong, newPassword: changed },
      signedIn.accessToken,
    )
    await post(
      '/v1/users/me/password',
      { currentPassword: password, newPassword: 'canary' },
      signedIn.accessToken,
    )
    await post(
      '/v1/users/me/password',
      { currentPassword: password, newPassword: changed },
      signedIn.accessToken,
    )
    const refreshed = keep(
      (await post('/v1/auth/refresh', { refreshToken: signedIn.refreshToken })).body.tokens,
    )
    await post('/v1/auth/refresh', { refreshToken: `${refreshed.refreshToken.slice(0, -2)}AA` })
    await send(service, 'GET', `/v1/auth/refresh?refreshToken=${refreshed.refreshToken}`)
    await send(service, 'GET', `/v1/users/${wrong}?password=${wrong}`)
    await send(service, 'GET', '/v1/users/me', { bearer: `${refreshed.accessToken}x` })
    await rawRequest(
      service,
      `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\nConnection: close\r\n\r\n{"password":"${wrong}" oops ${' '.repeat(25)}`,
    )
    const cookie = await post('/v1/auth/login', {
      identifier: USERNAME,
      password: changed,
      refreshTransport: 'cookie',
    })
    const [, baked = ''] =
      /__Host-refresh=([^;]+)/.exec(cookie.headers.get('set-cookie') ?? '') ?? []
    secrets.push(baked.split('.')[4] ?? '')
    await post('/v1/auth/logout', { refreshToken: refreshed.refreshToken })
    const last = keep((await login(USERNAME, changed)).body.tokens)
    await send(service, 'POST', '/v1/auth/logout-all', { bearer: last.accessToken })
    const again = keep((await login(USERNAME, changed)).body.tokens)
    const admin = await signIn(service, 'canary.admin', password)
    keep(admin.body.tokens)
    await send(service, 'GET', '/v1/admin/events', { bearer: admin.body.tokens.accessToken })
    await send(service, 'DELETE', '/v1/users/me', { bearer: again.accessToken })
  }

  beforeAll(async () => {
    service = await startPreparedService({
      environment: { NODE_ENV: 'development', RATE_LIMITS: 'off', LOG_LEVEL: 'debug', REFRESH_KEY },
    })
    const { dataDirectory } = service
    const words = [
      'admin',
      'create',
      '--email',
      'canary.admin@example.com',
      '--username',
      'canary.admin',
    ]
    const made = await runCommand(words, { dataDirectory, stdin: `${PASSWORDS[0]}\n` })
    expect(made.exitCode).toBe(0)
    logged += made.stdout + made.stderr
    await useEverything()
    await eventually('the deletion in the output', 5, () =>
      expect(service.output().stdout).toContain('"action":"deleted"'),
    )
    const text = await metricsOf(service)
    metrics = text.map(({ series }) => series).join('\n')
    secrets.push(readFileSync(join(dataDirectory, 'owner-token'), 'utf8').trim())
    const keys = JSON.parse(readFileSync(join(dataDirectory, 'keys.json'), 'utf8'))
    for (const { d } of keys.signingKeys.keys) secrets.push(d)
    const { stdout, stderr } = await service.stop()
    const lines = stdout.split('\n')
    printed = lines.filter((line) => line.startsWith('user.events'))
    logged += lines.filter((line) => !line.startsWith('user.events')).join('\n') + stderr
    const database = await openData(dataDirectory)
    dump = await dumpOf(database)
    await database.close()
  }, MILLISECONDS)

  test('wrote no password, token, key or secret anywhere [LE3]', () => {
    expect(secrets.length).toBeGreaterThan(15)
    expect(secrets.filter((secret) => secret.length < 8)).toEqual([])
    const places = { logged, metrics, printed: printed.join('\n'), ...dump }
    for (const [place, content] of Object.entries(places))
      for (const secret of secrets)
        expect([place, secret, content.includes(secret)]).toEqual([place, secret, false])
  })

  test('wrote email addresses to its events, its users and its ledger, and nowhere else [LE3]', () => {
    const { users = '', outbox_events: ledger = '', ...rest } = dump
    expect(printed.join('\n')).toContain(EMAIL)
    expect(ledger).toContain(EMAIL)
    // The user was deleted; the administrator was not.
    expect(users).not.toContain(EMAIL)
    expect(users).toContain('canary.admin@example.com')
    const others = Object.entries(rest).filter(([name]) => !name.startsWith('outbox_events'))
    for (const [place, content] of [['logged', logged], ['metrics', metrics], ...others])
      expect([place, /canary\.[a-z]+@/.test(String(content))]).toEqual([place, false])
  })

  test('logged enough to be searched, and nothing that a client chose [LE3]', () => {
    expect(logged.split('\n').length).toBeGreaterThan(30)
    for (const word of [AGENT, USERNAME, 'Canary Person', 'canary.nobody', ...PASSWORDS])
      expect([word, logged.replace('canary.admin', '').includes(word)]).toEqual([word, false])
  })

  test('has a complete audit entry for each security event [LE5]', () => {
    const rows = (dump['audit_log'] ?? '').split('\n').map((row) => JSON.parse(row))
    const actions = new Set(rows.map(({ action, result }) => `${action} ${result}`))
    expect([...actions].toSorted()).toEqual([
      'admin.created ok',
      'password.changed ok',
      'password.changed refused',
      'session.all-ended ok',
      'session.ended ok',
      'session.reauthenticated ok',
      'session.reauthenticated refused',
      'sign-in.failed refused',
      'sign-in.succeeded ok',
      'user.deleted ok',
      'user.registered ok',
    ])
    for (const row of rows) {
      expect(row.at).toMatch(/^\d{4}-\d{2}-\d{2}T[\d:.]+\+00:00$/)
      const isCommand = row.action === 'admin.created'
      expect(row.trace_id === null && !isCommand).toBe(false)
      if (isCommand) continue
      if (row.action === 'sign-in.failed') expect(row.identifier_mac).toMatch(/^[\w-]{20,}$/)
      else
        expect([row.action, row.actor_id, row.subject_id]).toEqual([
          row.action,
          row.subject_id,
          row.actor_id,
        ])
      if (row.action !== 'session.ended')
        expect([row.action, row.address_prefix]).toEqual([row.action, '127.0.0.1/32'])
      if (!row.action.startsWith('sign-in.failed')) expect(row.session_id).not.toBeNull()
    }
  })
})

describe('an audit that somebody would change', () => {
  test(
    'refuses the change of one row and of the whole table [LE5]',
    async () => {
      const composed = await composedService()
      await composed.register('watched')
      const count = async () =>
        (await composed.database.query('select count(*) from audit_log')).rows
      const before = await count()
      for (const statement of [
        "update audit_log set action = 'nothing'",
        'delete from audit_log',
        'truncate audit_log',
        'delete from audit_log where id = 1',
      ])
        expect(composed.database.query(statement)).rejects.toThrow()
      expect(await count()).toEqual(before)
      await composed.end()
    },
    MILLISECONDS,
  )
})

describe('a part that fails', () => {
  const CAUSE = 'canary: select * from secrets at db.internal:5432 with hunter2'
  const fault = () => Promise.reject(new Error(CAUSE))

  test(
    'gets a general answer from every route, and the details are only in the log [LE1]',
    async () => {
      const composed = await composedService({ RATE_LIMITS: 'off' })
      const { tokens } = await composed.register('unlucky')
      const bearer = tokens.accessToken
      const body = {
        email: 'b@example.com',
        username: 'bystander',
        password: 'four quiet lanterns',
      }
      const requests: readonly (readonly [string, RequestInit])[] = [
        ['/v1/auth/register', jsonInit('POST', body)],
        [
          '/v1/auth/login',
          jsonInit('POST', { identifier: 'unlucky', password: 'a guess at it all' }),
        ],
        ['/v1/auth/refresh', jsonInit('POST', { refreshToken: tokens.refreshToken })],
        ['/v1/auth/logout', jsonInit('POST', { refreshToken: tokens.refreshToken })],
        ['/v1/users/me', { headers: { authorization: `Bearer ${bearer}` } }],
        ['/v1/users/me', jsonInit('PATCH', { displayName: 'x' }, bearer)],
        [
          '/v1/users/me/password',
          jsonInit('POST', { currentPassword: 'x', newPassword: 'seven copper kettles' }, bearer),
        ],
        ['/v1/users/me/sessions', { headers: { authorization: `Bearer ${bearer}` } }],
        ['/v1/auth/logout-all', { method: 'POST', headers: { authorization: `Bearer ${bearer}` } }],
      ]
      const broken = breakDatabase(composed.database, fault)
      for (const [path, init] of requests) {
        await Bun.sleep(0)
        const answer = await composed.ask(path, init)
        const text = await answer.text()
        expect([path, answer.status]).toEqual([path, 500])
        expect(answer.headers.get('content-type')).toBe('application/problem+json')
        expect(JSON.parse(text)).toMatchObject({
          code: 'internal-error',
          traceId: expect.any(String),
        })
        expect(text).not.toMatch(/canary|secrets|hunter2|internal:|select|\.ts|at /)
        expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      }
      broken.restore()
      expect((await composed.ask('/health')).status).toBe(200)

      await composed.database.close()
      for (const [path, init] of requests) {
        const answer = await composed.ask(path, init)
        expect([path, answer.status]).toEqual([path, 503])
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
        expect(await answer.text()).not.toMatch(/PGlite|closed/)
      }
      const health = await composed.ask('/health')
      expect([health.status, JSON.parse(await health.text()).db]).toEqual([503, 'unavailable'])
      expect((await composed.ask('/health/live')).status).toBe(200)
      await composed.end()
    },
    MILLISECONDS,
  )
})

/** Every way in that statements take. */
const breakDatabase = (database: PGlite, fault: () => Promise<never>) => {
  const ways = (
    ['query', 'exec', 'transaction', 'runExclusive', 'execProtocol', 'execProtocolRaw'] as const
  ).map((name) => spyOn(database, name).mockImplementation(fault))
  return {
    restore: () => {
      for (const way of ways) way.mockRestore()
    },
  }
}

/** Each visit asks for two paths. A series for each path, user or code shows after two visits. */
const VISITS = isLongRun ? 5000 : 1000

describe('traffic', () => {
  test(
    'of thousands of paths and users adds no metric series [LE6]',
    async () => {
      const service = await startPreparedService({
        environment: { LOG_LEVEL: 'info', RATE_LIMITS: 'off' },
      })
      const visit = async (index: number) => {
        await fetch(`${service.url}/path-${index}/${index}?q=${index}`)
        await fetch(`${service.url}/problems/code-${index}`)
        if (index % 10 === 0)
          await send(service, 'POST', '/v1/auth/login', {
            body: { identifier: `user${index}`, password: '' },
          })
      }
      for (let index = 0; index < 20; index += 1) await visit(index)
      // Asking is a request too, and counted after its own answer.
      await metricsOf(service)
      const before = (await metricsOf(service)).map(({ series }) => series)
      for (let index = 0; index < VISITS; index += 20)
        await Promise.all(Array.from({ length: 20 }, (_, more) => visit(index + more)))
      const after = (await metricsOf(service)).map(({ series }) => series)
      await service.stop()
      expect(after.filter((series) => !before.includes(series))).toEqual([])
      expect(after.length).toBe(before.length)
    },
    MILLISECONDS,
  )
})
