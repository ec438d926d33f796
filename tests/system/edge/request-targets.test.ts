import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { signIn } from '../../support/builders/http/given-http.ts'
import {
  endsThatSwallow,
  getRequest,
  hostsThatPass,
  MALFORMED_TARGETS,
  OTHER_PARAMETERS,
  OTHER_SPELLINGS,
  targetsThatReach,
} from '../../support/builders/http/request-targets.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { rawRequest } from '../../support/processes/service/raw-request.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { RUNTIMES, runCommand } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 90_000

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

  const asAdmin = () => `Authorization: Bearer ${admin}\r\n`
  const get = (target: string, host?: string) => getRequest(target, host, asAdmin())
  const statusesOf = async (text: string) => (await rawRequest(service, text)).statuses

  test('a path counts as it was sent: no other spelling reaches a route [FZ8]', async () => {
    expect(await statusesOf(get('/v1/admin/sync'))).toEqual([200])
    expect(await statusesOf(get('/v1/admin/sync?a=/../%2e%2e\\x'))).not.toContain(404)
    expect(await statusesOf(get('http://x/v1/admin/sync'))).toEqual([200])
    expect(await statusesOf(get('/problems/not-found'))).toEqual([200])
    const targets = [...OTHER_SPELLINGS, ...OTHER_PARAMETERS]
    expect(await targetsThatReach(service, targets, asAdmin())).toEqual([])
  })

  test('a target without a path reaches no route [FZ8]', async () => {
    const targets = [
      'v1/admin/sync',
      '*',
      'x:443',
      '\\v1\\admin\\sync',
      '?/v1/admin/sync',
      ...MALFORMED_TARGETS,
    ]
    for (const target of targets) {
      // Bun shows nothing of the fragment. SECURITY.md says what a proxy does about it.
      if (runtime === 'bun' && target.includes('#')) continue
      const [status, ...more] = await statusesOf(get(target))
      // Bun shows an empty path as `/`, which it is (RFC 9110 §4.2.3). That is the page for people.
      const isRefused = status === 400 || status === 404
      const isRoot = runtime === 'bun' && target.startsWith('http://x?') && status === 200
      expect([target, isRefused || isRoot, more]).toEqual([target, true, []])
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
    expect(await hostsThatPass(service, ['/health', '/x'])).toEqual([])
  })

  test('the trailer of a body in chunks swallows no request after it [FZ8]', async () => {
    const quick = '{}'
    const slow = JSON.stringify({ identifier: 'nobody', password: 'eleven grey umbrellas' })
    expect(await endsThatSwallow(service, [quick, slow])).toEqual([])
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
