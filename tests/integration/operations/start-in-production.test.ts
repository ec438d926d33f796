import { afterAll, describe, expect, test } from 'bun:test'
import { connect } from 'nats'
import { send } from '../../support/builders/http/given-http.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { freePort } from '../../support/processes/native/free-port.ts'
import { startToEnd } from '../../support/processes/service/start-service.ts'
import { atTheEnd } from '../../support/processes/test-run/at-the-end.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenPostgres } from '../../support/servers/postgres/given-postgres.ts'

afterAll(closeSites)

const START_LIMIT = 40_000

describe('Redis that is missing at the start', () => {
  test(
    'ends the start in production with 69 and the line that says what to do',
    async () => {
      const server = `127.0.0.1:${await freePort()}`
      const { environment } = await givenSite()
      const refused = await startToEnd({
        environment: { ...environment, REDIS_URL: `redis://reader:secret@${server}` },
      })
      expect(refused.exitCode).toBe(69)
      expect(refused.stderr).toBe(
        `Redis at ${server} cannot be used: ECONNREFUSED. Start it, or set REDIS_URL.\n`,
      )
      expect(refused.stdout).not.toContain('service.started')
      expect(refused.stdout).not.toContain('secret')
      expect(refused.seconds).toBeLessThan(10)
    },
    START_LIMIT,
  )

  test(
    'is logged as one warning in development, and memory is used instead',
    async () => {
      const server = `127.0.0.1:${await freePort()}`
      const { start } = await givenSite()
      const service = await start({ NODE_ENV: 'development', REDIS_URL: `redis://${server}` })
      const lines = service.logLines().filter(({ event }) => event.startsWith('redis.'))
      expect(lines).toMatchObject([
        {
          level: 'warn',
          event: 'redis.missing',
          server,
          instead: 'limits, codes and signals in memory',
        },
      ])
      expect((await send(service, 'GET', '/health')).body).toMatchObject({
        redis: 'ok',
        embedded: ['redis'],
      })
      expect((await service.stop()).exitCode).toBe(0)
    },
    START_LIMIT,
  )
})

describe('servers without TLS beyond this machine', () => {
  test(
    'are one warning each at the start in production, unless ALLOW_PLAINTEXT names them [CF9]',
    async () => {
      const { environment, start } = await givenSite()
      // Leads to this machine, and is no loopback address.
      const elsewhere = (url = '') => url.replace('127.0.0.1', '0.0.0.0')
      const plain = {
        DATABASE_URL: elsewhere(environment['DATABASE_URL']),
        REDIS_URL: elsewhere(environment['REDIS_URL']),
        NATS_URL: elsewhere(environment['NATS_URL']),
      }
      const warned = async (more: Readonly<Record<string, string>>) => {
        const service = await start({ ...plain, ...more })
        await service.seen('service.started')
        const lines = service.logLines().filter(({ event }) => event === 'service.plaintext')
        expect(JSON.stringify(lines)).not.toContain('0.0.0.0')
        await service.stop()
        return lines.map(({ level, variable }) => [level, variable])
      }
      expect(await warned({})).toEqual([
        ['warn', 'DATABASE_URL'],
        ['warn', 'REDIS_URL'],
        ['warn', 'NATS_URL'],
      ])
      expect(await warned({ ALLOW_PLAINTEXT: 'postgres,redis,nats' })).toEqual([])
    },
    START_LIMIT,
  )
})

describe('parameters of an address that have no effect', () => {
  test(
    'are one warning each at the start, by their names only',
    async () => {
      const { environment, start } = await givenSite()
      const service = await start({
        DATABASE_URL: `${environment['DATABASE_URL']}?channel_binding=require&pgbouncer=canary`,
        REDIS_URL: `${environment['REDIS_URL']}?protocol=3&can ary=1`,
      })
      await service.seen('service.started')
      const lines = service.logLines()
      expect(JSON.stringify(lines)).not.toMatch(/canary|can ary/)
      expect(
        lines
          .filter(({ event }) => event === 'service.ignored-parameter')
          .map(({ level, variable, parameter }) => [level, variable, parameter]),
      ).toEqual([
        ['warn', 'DATABASE_URL', 'channel_binding'],
        ['warn', 'DATABASE_URL', 'pgbouncer'],
        ['warn', 'REDIS_URL', 'protocol'],
        ['warn', 'REDIS_URL', '(not a name)'],
      ])
    },
    START_LIMIT,
  )
})

describe('a start before the schema is there', () => {
  test(
    'is refused in one line with 65, and creates nothing at NATS',
    async () => {
      const { url } = await givenPostgres()
      const { environment, nats } = await givenSite()
      const connection = await connect(nats)
      atTheEnd(() => connection.close())
      const manager = await connection.jetstreamManager()
      for (const { config } of await manager.streams.list().next())
        await manager.streams.delete(config.name)
      const refused = await startToEnd({
        environment: { ...environment, DATABASE_URL: url, NATS_PROVISION: 'apply' },
      })
      expect(refused.exitCode).toBe(65)
      expect(refused.stderr.trim().split('\n')).toEqual([
        expect.stringContaining('has the schema of an older version, or none. Run as its owner'),
      ])
      expect(refused.stdout).not.toContain('nats.')
      expect(refused.stdout).not.toContain('"stack"')
      expect(await manager.streams.list().next()).toEqual([])
    },
    START_LIMIT,
  )
})

describe('a service on real servers', () => {
  test(
    'is ready within its time, healthy, and has nothing embedded',
    async () => {
      const service = await (await givenSite()).start()
      const started = await service.seen('service.started')
      expect(started['milliseconds']).toBeLessThan(10_000)
      await service.seen('nats.connected')
      // The streams are read one after the other, and then audited.
      await eventually('all is healthy', 15, async () => {
        const health = await send({ url: service.managementUrl }, 'GET', '/health')
        expect(health).toMatchObject({
          status: 200,
          body: { status: 'healthy', db: 'ok', redis: 'ok', nats: 'ok', embedded: [] },
        })
      })
      expect(
        service.logLines().filter(({ level }) => level === 'warn' || level === 'error'),
      ).toEqual([])
    },
    START_LIMIT,
  )
})
