import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { send } from '../../support/builders/http/given-http.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { freePort } from '../../support/processes/native/free-port.ts'
import type { Environment } from '../../support/processes/native/spawn-process.ts'
import { runCommand, startService } from '../../support/processes/service/start-service.ts'
import { givenPostgres, withSql } from '../../support/servers/postgres/given-postgres.ts'
import { givenRoles } from '../../support/servers/postgres/given-roles.ts'

afterAll(closeSites)

const LIMIT = 60_000

/** The line about each failed check by its name, and the verdict. */
const examine = async (environment: Environment) => {
  const { exitCode, stdout, stderr } = await runCommand(['doctor'], { environment })
  const lines = `${stdout}${stderr}`.split('\n')
  const checks = lines.flatMap((line) => [
    /^( ok |WARN|FAIL) {2}(\S+(?: \S+)*) {2,}(.+)$/.exec(line) ?? [],
  ])
  return {
    exitCode,
    said: Object.fromEntries(checks.map(([, , name = '', detail]) => [name, detail])),
    warned: checks.filter(([, mark]) => mark === 'WARN').map(([, , name]) => name),
    ill: checks.filter(([, mark]) => mark === 'FAIL').map(([, , name]) => name),
    all: lines.join('\n'),
  }
}

describe('the doctor of an installation on servers', () => {
  let environment: Environment
  beforeAll(async () => {
    const roles = await givenRoles(await givenPostgres())
    const site = await givenSite({ databaseUrl: roles.ownerUrl })
    environment = { ...site.environment, DATABASE_URL: roles.appUrl }
  }, LIMIT)

  test(
    'finds everything well once the streams are created',
    async () => {
      const before = await examine({ ...environment, NATS_PROVISION: 'verify' })
      expect(before.ill).toEqual(['nats'])
      expect(before.said['nats']).toContain(
        'there is no USER_EVENTS; bun run auth nats apply creates it',
      )
      expect((await runCommand(['nats', 'apply'], { environment })).exitCode).toBe(0)
      const after = await examine(environment)
      expect([after.ill, after.exitCode]).toEqual([[], 0])
      expect(after.said['nats']).toStartWith('USER_EVENTS on 1 of 1')
    },
    LIMIT,
  )

  test(
    'warns when a header of a proxy came although none is trusted, and the service has said so once [CF8]',
    async () => {
      const MANAGEMENT_PORT = String(await freePort())
      const running = { ...environment, NATS_PROVISION: 'apply', MANAGEMENT_PORT }
      const service = await startService({ environment: running })
      try {
        expect((await examine(running)).warned).toEqual([])
        for (let time = 0; time < 2; time += 1)
          await send(service, 'POST', '/v1/auth/login', {
            body: { identifier: 'nobody', password: 'a guess at it all' },
            headers: { 'x-forwarded-for': '198.51.100.1' },
          })
        const { ill, warned, said, exitCode } = await examine(running)
        expect([ill, warned, exitCode]).toEqual([[], ['service'], 0])
        expect(said['service']).toContain('TRUSTED_PROXY_HOPS is 0')
        const { stdout, stderr } = service.output()
        expect(`${stdout}${stderr}`.split('proxy.headers-ignored')).toHaveLength(2)
        expect(await (await fetch(`${service.url}/health`)).json()).not.toHaveProperty('warnings')
      } finally {
        await service.stop()
      }
    },
    LIMIT,
  )

  test(
    'names each server that does not answer, and prints no password',
    async () => {
      const nobody = `127.0.0.1:${await freePort()}`
      const { ill, exitCode, all } = await examine({
        ...environment,
        DATABASE_URL: `postgres://auth:canary@${nobody}/auth_test`,
        REDIS_URL: `redis://auth:canary@${nobody}`,
        NATS_URL: `nats://${nobody}`,
      })
      expect(ill).toEqual(['database', 'schema', 'redis', 'nats'])
      expect(exitCode).toBe(1)
      expect(all).not.toContain('canary')
    },
    LIMIT,
  )

  test(
    'fails over servers without TLS beyond this machine, unless ALLOW_PLAINTEXT names them [CF9]',
    async () => {
      const plain = {
        ...environment,
        REDIS_URL: (environment['REDIS_URL'] ?? '').replace('127.0.0.1', '0.0.0.0'),
      }
      const before = await examine(plain)
      expect([before.ill, before.exitCode]).toEqual([['configuration'], 1])
      expect(before.said['configuration']).toStartWith('REDIS_URL without TLS')
      const after = await examine({ ...plain, ALLOW_PLAINTEXT: 'redis' })
      expect([after.ill, after.exitCode]).toEqual([[], 0])
    },
    LIMIT,
  )

  test(
    'reports a role with too many rights, and a missing schema',
    async () => {
      const { url } = await givenPostgres()
      const { ill, said } = await examine({ ...environment, DATABASE_URL: url })
      expect(ill).toEqual(['database', 'schema'])
      expect(said['database']).toContain('a superuser; see docs/postgres.md')
      expect(said['schema']).toContain('bun run auth migrate')
      expect(
        await withSql(url, (sql) => sql`select 1 from pg_tables where schemaname = 'public'`),
      ).toHaveLength(0)
    },
    LIMIT,
  )
})
