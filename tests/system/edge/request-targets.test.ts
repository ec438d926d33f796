import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { signIn } from '../../support/builders/http/given-http.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { rawRequest } from '../../support/processes/service/raw-request.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { RUNTIMES, runCommand } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 90_000

/** What a runtime or a proxy could take for `/v1/admin/sync`. */
const OTHER_SPELLINGS = [
  '/v1/x/%2e%2e/admin/sync',
  '/v1/x/..%2fadmin/sync',
  '/v1/x/../admin/sync',
  '/v1/x/.%2E/admin/sync',
  '/v1/x/%2e./admin/sync',
  '/v1/x/y/%2e%2e/%2E%2E/admin/sync',
  '/x/../v1/admin/sync',
  '/../v1/admin/sync',
  '/%2e%2e/v1/admin/sync',
  '/v1/./admin/sync',
  '/v1/%2e/admin/sync',
  '/v1/%2E/admin/sync',
  '/v1/admin/sync/.',
  '/v1/admin/sync/%2e',
  '/v1/admin/sync/x/..',
  '/v1/admin/sync/',
  '/v1//admin/sync',
  '//v1/admin/sync',
  '/\\v1/admin/sync',
  '/v1\\admin\\sync',
  '/v1/admin\\sync',
  '/v1\\/admin/sync',
  '/v1/x\\..\\admin/sync',
  '/v1/x\\%2e%2e/admin/sync',
  '/v1/x/%5c../admin/sync',
  '/v1/x%5c..%5cadmin/sync',
  '/v1/admin%2fsync',
  '/v1/admin%5csync',
  '/v1/%61dmin/sync',
  '/v1/admin/%73ync',
  '/%76%31/admin/sync',
  '/v1/x/%252e%252e/admin/sync',
  '/v1/admin/sync%00',
  '/v1/admin/sync%20',
  '/v1/admin/sync%3f',
  '/v1/admin/sync;a=b',
  '/v1/..;/v1/admin/sync',
  '/v1/admin/sync#a',
  '/v1/admin/sync"',
  '/V1/admin/sync',
  '/v1/admin/SYNC',
  'http://x/v1/x/../admin/sync',
  'http://x/v1/x/%2e%2e/admin/sync',
  'http://x//v1/admin/sync',
]

/** Absolute targets without a path, or with a host that is none. */
const MALFORMED = ['http://x\\v1/admin/sync', 'http://x?/v1/admin/sync', 'http://x#/v1/admin/sync']

/** The same for a route with a parameter, `/problems/not-found`. */
const OTHER_PARAMETERS = [
  '/problems/not%2dfound',
  '/problems/%6eot-found',
  '/problems/x/../not-found',
  '/problems/./not-found',
  '/problems/x\\..\\not-found',
  '/problems\\not-found',
  '/problems/not-found%00',
  '/problems/not-found;',
  '/problems/not-found#a',
  '/problems//not-found',
]

const FORGED_HOSTS = [
  'Host: x\r\nHost: y',
  'Host: x\r\nHost: x',
  'Host: x\r\nhost: y',
  'Host: x, y',
  'Host: ',
  'Host: user@x',
  'Host: x:80@y',
  'Host: x/v1/admin/sync',
  'Host: x/v1/admin/sync?',
  'Host: x/v1/admin/sync#',
  'Host: x\\v1',
  'Host: x?',
  'Host: x y',
  'Host: x:port',
  'Host: [::1',
  'Host: %78',
]

describe.each(RUNTIMES)('on %s', (runtime) => {
  let service: Service
  let admin: string
  beforeAll(async () => {
    service = await startPreparedService({ runtime, environment: { RATE_LIMITS: 'off' } })
    await runCommand(['admin', 'create', '--email', 'grace@example.com', '--username', 'grace'], {
      dataDirectory: service.dataDirectory,
      stdin: PASSWORD,
    })
    admin = (await signIn(service, 'grace')).body.tokens.accessToken
  }, MILLISECONDS)
  afterAll(async () => {
    await service.stop()
  })

  const get = (target: string, host = 'Host: x') =>
    `GET ${target} HTTP/1.1\r\n${host}\r\nAuthorization: Bearer ${admin}\r\nConnection: close\r\n\r\n`
  const statusesOf = async (text: string) => (await rawRequest(service, text)).statuses

  test('a path counts as it was sent: no other spelling reaches a route [FZ8]', async () => {
    expect(await statusesOf(get('/v1/admin/sync'))).toEqual([200])
    expect(await statusesOf(get('/v1/admin/sync?a=/../%2e%2e\\x'))).not.toContain(404)
    expect(await statusesOf(get('http://x/v1/admin/sync'))).toEqual([200])
    expect(await statusesOf(get('/problems/not-found'))).toEqual([200])
    for (const target of [...OTHER_SPELLINGS, ...OTHER_PARAMETERS]) {
      const statuses = await statusesOf(get(target))
      expect([target, statuses]).toEqual([target, [404]])
    }
  })

  test('a target without a path reaches no route [FZ8]', async () => {
    const targets = [
      'v1/admin/sync',
      '*',
      'x:443',
      '\\v1\\admin\\sync',
      '?/v1/admin/sync',
      ...MALFORMED,
    ]
    for (const target of targets) {
      // Bun shows nothing of the fragment. SECURITY.md says what a proxy does about it.
      if (runtime === 'bun' && target.includes('#')) continue
      const [status, ...more] = await statusesOf(get(target))
      expect([target, status === 400 || status === 404, more]).toEqual([target, true, []])
    }
  })

  test('the management port counts a path as it was sent, too [FZ8]', async () => {
    const management = { url: service.managementUrl }
    for (const [target, status] of [
      ['/metrics', 200],
      ['/x/../metrics', 404],
      ['/x/%2e%2e/metrics', 404],
      ['/.\\metrics', 404],
      ['/%6detrics', 404],
    ] as const)
      expect([target, (await rawRequest(management, get(target))).statuses]).toEqual([
        target,
        [status],
      ])
  })

  test('anything but one well-formed host is refused [FZ8]', async () => {
    for (const host of ['Host: x', 'Host: x:80', 'Host: [::1]:3000', 'Host: a_b.c-d.example'])
      expect([host, await statusesOf(get('/health', host))]).toEqual([host, [200]])
    for (const host of FORGED_HOSTS) {
      expect([host, await statusesOf(get('/health', host))]).toEqual([host, [400]])
      expect([host, await statusesOf(get('/x', host))]).toEqual([host, [400]])
    }
  })

  test('the trailer of a body in chunks swallows no request after it [FZ8]', async () => {
    const chunked = (size: number, body: string, end: string) =>
      `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${body}\r\n0\r\n${end}`
    const quick = '{}'
    const slow = JSON.stringify({ identifier: 'nobody', password: 'eleven grey umbrellas' })
    for (const body of [quick, slow])
      for (const end of [
        ['\r\n'],
        ['X-Trailer: 1\r\n\r\n'],
        ['', 'X-Trailer: 1\r\n\r\n'],
        ['X-Trailer: 1\r\nX-Other: 2\r\n\r\n'],
        ['XXGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
        ['', 'XXGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
      ]) {
        const [first = '', ...rest] = end
        const begun = chunked(body.length, body, first)
        expect([end, await answersInTurn(service, [begun, ...rest])]).toEqual([end, 'as it should'])
      }
  }, 60_000)

  test('a method that nobody knows is answered, or the connection is closed where only the runtime could answer [FZ8]', async () => {
    const answered = ['PROPFIND', 'TRACE', 'QUERY', 'CONNECT']
    const invented = ['BREW', 'get', 'DELETED', 'GETGETGETGETGETGETGETGET']
    for (const method of [...answered, ...invented]) {
      const text = `${method} /v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${admin}\r\nConnection: close\r\n\r\n`
      const { statuses, closed } = await rawRequest(service, text)
      expect([method, closed, statuses.length]).toEqual([
        method,
        true,
        // Bun closes without a status line. SECURITY.md says what a proxy does about it.
        runtime === 'bun' && invented.includes(method) ? 0 : 1,
      ])
      expect([method, statuses.filter((status) => ![400, 404, 405, 501].includes(status))]).toEqual(
        [method, []],
      )
    }
  })
})

/**
 * Sends these parts one after another and then, on the same connection, a request as a proxy would. Either the connection had
 * ended by then and said so, or that request gets its own answer and no other.
 */
const answersInTurn = ({ url }: Service, parts: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port) })
    let received = ''
    let next = ''
    let isNext = false
    const finish = (outcome: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(() => finish(`nothing more after ${received} ${next}`), 8000)
    const probe = () => {
      isNext = true
      socket.write('GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    }
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      if (isNext) {
        next += text
        return
      }
      received += text
      const isWhole = received.includes('"traceId"') || received.startsWith('HTTP/1.1 400')
      if (isWhole && !/^connection: close/im.test(received)) setTimeout(probe, 200)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      const [head = ''] = received.split('\r\n\r\n')
      const saidSo = !isNext && /^connection: close/im.test(head)
      const wasRefused = !isNext && received === ''
      const isOwnAnswer = isNext && next.startsWith('HTTP/1.1 200') && next.includes('ready')
      finish(
        saidSo || wasRefused || isOwnAnswer ? 'as it should' : `closed after ${received} ${next}`,
      )
    })
    const [first = '', ...rest] = parts
    socket.write(first)
    rest.forEach((part, index) => {
      setTimeout(() => socket.write(part), 50 * (index + 1))
    })
  })
