import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/builders/http/given-http.ts'
import { send } from '../../support/builders/http/given-http.ts'
import { preparedData } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { startService } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 60_000

const services: Service[] = []
afterAll(async () => {
  for (const service of services) await service.stop('SIGKILL')
})

const start = async (environment: Readonly<Record<string, string>> = {}): Promise<Service> => {
  const dataDirectory = await preparedData()
  const service = await startService({
    dataDirectory,
    environment: { NODE_ENV: 'development', ...environment },
  })
  services.push(service)
  return service
}

const providersOf = async (service: Service): Promise<Answer['body']> =>
  (await send(service, 'GET', '/v1/auth/providers')).body.items
const demoOf = (service: Service) =>
  service.logLines().find(({ event }) => event === 'service.demo')

describe('a service at somebody\u2019s desk', () => {
  let service: Service
  beforeAll(async () => {
    service = await start()
  }, MILLISECONDS)

  test('offers three providers without a key, and warns that they are fakes', async () => {
    expect(await providersOf(service)).toEqual([
      { id: 'google', name: 'Google' },
      { id: 'facebook', name: 'Facebook' },
      { id: 'line', name: 'LINE' },
    ])
    expect(demoOf(service)).toMatchObject({ level: 'warn', fakeProviders: true })
  })

  test('shows an example page that calls this service and runs only its own scripts', async () => {
    const address = String(demoOf(service)?.['page'])
    await service.said(`Example     ${address}`)
    const page = await fetch(address)
    const publicUrl = `http://localhost:${new URL(service.url).port}`
    expect(await page.text()).toContain(`<meta name="auth-service" content="${publicUrl}">`)
    expect(page.headers.get('content-security-policy')).toStartWith(
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src ${publicUrl};`,
    )
    for (const other of ['/serve.ts', '/../serve.ts', '/%2e%2e/web/serve.ts', '/README.md'])
      expect((await fetch(`${address}${other}`)).status).toBe(404)
  })

  test(
    'runs beside another demo, and has no fakes when a real provider is configured',
    async () => {
      const other = await start({ GOOGLE_CLIENT_ID: 'ours', GOOGLE_CLIENT_SECRET: 'a-real-secret' })
      expect(await providersOf(other)).toEqual([{ id: 'google', name: 'Google' }])
      expect(demoOf(other)).toMatchObject({ fakeProviders: false })
      expect(demoOf(other)?.['page']).not.toBe(demoOf(service)?.['page'])
      await other.said('Ctrl-C stops it.')
      expect(other.output().stdout).not.toContain('fakes')
    },
    MILLISECONDS,
  )
})

test.each([{ DEMO: 'false' }, { NODE_ENV: 'test' }])(
  'there is no example page and no provider with %j',
  async (environment) => {
    const service = await start(environment)
    expect(demoOf(service)).toBeUndefined()
    expect(await providersOf(service)).toEqual([])
  },
  MILLISECONDS,
)
