import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import { spawnProcess } from '../../support/processes/native/spawn-process.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import {
  commandLineOn,
  RUNTIMES,
  readInstallation,
  startService,
} from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

describe.each(RUNTIMES)('on %s the service', (runtime) => {
  const dataDirectory = join(temporaryFolder(), 'data')
  const start = () =>
    startService({ runtime, dataDirectory, environment: { NODE_ENV: 'development' } })
  let service: Service

  beforeAll(async () => {
    service = await start()
  }, 60_000)
  afterAll(async () => {
    service.signal('SIGKILL')
    await service.ended()
  })

  test(`says where it listens, and warns of its embedded parts: ${runtime}`, async () => {
    await service.said(`API         http://localhost:${new URL(service.url).port}`)
    const warned = service.logLines().filter(({ event }) => event === 'service.embedded-parts')
    expect(warned).toMatchObject([{ parts: 'database, limits, events' }])
    expect(service.output().stdout).toStartWith('Preparing the database…\n')
    expect(service.output().stdout).not.toContain('Embedded, for development only')
  })

  test(`answers the command line, which names it on standard error: ${runtime}`, async () => {
    const command = [...(await commandLineOn(runtime)), 'sync', 'status', '--json']
    const environment = { DATA_DIR: dataDirectory, NODE_ENV: 'development' }
    const ended = readInstallation(await spawnProcess(command, environment).ended())
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(ended.installation).toContain(`process ${service.processId}, with its data in`)
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: { mode: 'events' } })
  }, 60_000)

  test(`is healthy and ready on both listeners: ${runtime}`, async () => {
    for (const url of [service.url, service.managementUrl]) {
      expect(await send({ url }, 'GET', '/health')).toMatchObject({
        status: 200,
        body: { status: 'healthy', db: 'ok', embedded: ['db', 'redis', 'nats'] },
      })
      expect((await send({ url }, 'GET', '/health/ready')).status).toBe(200)
    }
  })

  test(`takes a user from registration to deletion and announces each change: ${runtime}`, async () => {
    const registered = await register(service)
    expect(registered.status).toBe(201)
    const { user, tokens } = registered.body

    const signedIn = await signIn(service, user.username)
    expect(signedIn).toMatchObject({ status: 200, body: { user: { id: user.id } } })

    const refreshed = await send(service, 'POST', '/v1/auth/refresh', {
      body: { refreshToken: tokens.refreshToken },
    })
    expect(refreshed.status).toBe(200)

    const bearer = refreshed.body.tokens.accessToken
    expect(await send(service, 'GET', '/v1/users/me', { bearer })).toMatchObject({
      status: 200,
      body: { id: user.id, version: 1 },
    })
    const body = { displayName: 'A Visitor' }
    expect((await send(service, 'PATCH', '/v1/users/me', { bearer, body })).status).toBe(200)
    expect((await send(service, 'DELETE', '/v1/users/me', { bearer })).status).toBe(204)
    for (const action of ['created', 'updated', 'deleted'])
      expect(
        await service.consumed(
          (message) => message['id'] === user.id && message['action'] === action,
        ),
      ).toMatchObject({ subject: 'user.events', username: user.username })
  })

  test(`uses the address of its client: ${runtime}`, async () => {
    const { tokens } = (await register(service)).body
    const sessions = await send(service, 'GET', '/v1/users/me/sessions', {
      bearer: tokens.accessToken,
    })
    expect(sessions.body.items[0].addressPrefix).toBe('127.0.0.1/32')
  })

  test(`refuses wrong requests, and never with a fault: ${runtime}`, async () => {
    const refuse = async (path: string, init: RequestInit, status: number) => {
      const response = await fetch(`${service.url}${path}`, init)
      expect([path, response.status]).toEqual([path, status])
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
    const json = { 'content-type': 'application/json' }
    const post = (body: string, headers: Record<string, string> = json) => ({
      method: 'POST',
      body,
      headers,
    })
    await refuse('/v1/auth/login', post('{"identifier":'), 400)
    await refuse('/v1/auth/login', post('{}'), 422)
    await refuse('/v1/auth/login', post('identifier=x', { 'content-type': 'text/plain' }), 415)
    await refuse('/v1/auth/login', post(JSON.stringify({ identifier: 'x'.repeat(20_000) })), 413)
    await refuse(
      '/v1/auth/login',
      post(JSON.stringify({ identifier: 'nobody', password: PASSWORD })),
      401,
    )
    await refuse('/v1/users/me', {}, 401)
    await refuse('/nothing/here', {}, 404)
  })

  test(`still has its users after a stop by signal and another start: ${runtime}`, async () => {
    const { user } = (await register(service)).body
    const ended = await service.stop('SIGTERM')
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
    service = await start()
    expect((await signIn(service, user.email)).status).toBe(200)
  }, 40_000)

  test(`ends with 0 by Ctrl-C: ${runtime}`, async () => {
    const ended = await service.stop('SIGINT')
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' })
    expect(service.logLines().at(-1)?.event).toBe('service.stopped')
  })
})
