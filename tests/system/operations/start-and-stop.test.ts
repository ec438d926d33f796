import { describe, expect, test } from 'bun:test'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { register, send, signIn } from '../../support/builders/http/given-http.ts'
import {
  preparedData,
  startPreparedService,
} from '../../support/processes/service/prepared-data.ts'
import { startService, startToEnd } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { quickestOf } from '../../support/processes/timing/quickest-of.ts'

const START_MILLISECONDS = 40_000
const newFolder = () => join(temporaryFolder(), 'data')

/** The content of every file, to see that none was changed. */
const snapshot = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, Bun.hash(readFileSync(path)).toString()]),
  )

describe('bad settings', () => {
  test('end the start with exit code 78 and the name of every bad setting, and print no value [CF1]', async () => {
    const environment = {
      NODE_ENV: 'production',
      PORT: 'canary-port',
      JWT_KEYS: 'canary-keys',
      REFRESH_KEY: 'k1:canary-canary-canary-canary-canary',
      RATE_LIMITS: 'off',
    }
    const refused = await quickestOf(3, 2, () => startToEnd({ environment }))
    expect(refused.exitCode).toBe(78)
    expect(refused.seconds).toBeLessThan(2)
    for (const name of [
      ...Object.keys(environment).slice(1),
      'DATABASE_URL',
      'REDIS_URL',
      'NATS_URL',
      'PUBLIC_URL',
      'TRUSTED_PROXY_HOPS',
    ])
      expect(refused.stderr).toContain(`  ${name} `)
    expect(refused.stderr + refused.stdout).not.toContain('canary')
  })

  test('leave no data directory behind', async () => {
    const dataDirectory = newFolder()
    await startToEnd({ dataDirectory, environment: { LOG_LEVEL: 'loud' } })
    expect(existsSync(dataDirectory)).toBe(false)
  })
})

describe('an IPv6 address to listen on', () => {
  test(
    'is in brackets in every line of the start',
    async () => {
      const onLoopback = createServer()
      const port = await new Promise<number>((resolve) => {
        // A machine without IPv6 has no such address. The start says so about any port.
        onLoopback.once('error', () => resolve(3000))
        onLoopback.listen(0, '::1', () => {
          const address = onLoopback.address()
          resolve(typeof address === 'object' && address !== null ? address.port : 3000)
        })
      })
      const environment = { HOST: '::1', PORT: String(port) }
      const refused = await startToEnd({ environment })
      onLoopback.close()
      expect(refused.exitCode).toBe(69)
      expect(refused.stderr).toStartWith(`Cannot listen on [::1]:${port}: `)
    },
    START_MILLISECONDS,
  )
})

describe('a data directory', () => {
  test(
    'that a service has locked refuses a second one with 75 and stays unchanged',
    async () => {
      const first = await startPreparedService()
      const second = await startToEnd({ dataDirectory: first.dataDirectory })
      expect(second.exitCode).toBe(75)
      expect(second.stderr).toContain(`in use by process ${first.processId}`)
      expect(second.stderr).toContain(`management port ${new URL(first.managementUrl).port}`)
      expect((await register(first)).status).toBe(201)
      expect((await first.stop()).exitCode).toBe(0)
    },
    START_MILLISECONDS,
  )

  test(
    'is taken by exactly one of two that start at once',
    async () => {
      const dataDirectory = await preparedData()
      const starts = await Promise.allSettled([1, 2].map(() => startService({ dataDirectory })))
      const services = starts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      expect(services).toHaveLength(1)
      for (const service of services) expect((await service.stop()).exitCode).toBe(0)
    },
    START_MILLISECONDS,
  )

  test('that cannot be written ends the start with 73', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, 'mine')
    const refused = await startToEnd({ dataDirectory: join(file, 'data') })
    expect(refused.exitCode).toBe(73)
    expect(refused.stderr).toContain('cannot be written (ENOTDIR)')
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  test(
    'of a newer schema ends the start with 65 and is left as it was',
    async () => {
      const dataDirectory = await preparedData()
      const database = await PGlite.create(join(dataDirectory, 'database'))
      await database.exec(
        `insert into schema_migrations (version, name) values (9999, '9999_x.sql')`,
      )
      await database.close()
      const refused = await startToEnd({ dataDirectory })
      expect(refused.exitCode).toBe(65)
      expect(refused.stderr).toContain('written by a newer version. Nothing was changed.')
      const again = await PGlite.create(join(dataDirectory, 'database'))
      const { rows } = await again.query('select max(version) as version from schema_migrations')
      await again.close()
      expect(rows).toEqual([{ version: 9999 }])
    },
    START_MILLISECONDS,
  )

  test(
    'with damaged keys ends the start with 65 and touches nothing',
    async () => {
      const dataDirectory = await preparedData()
      writeFileSync(join(dataDirectory, 'keys.json'), '{"signingKeys":')
      const before = snapshot(join(dataDirectory, 'database'))
      const refused = await startToEnd({ dataDirectory })
      expect(refused.exitCode).toBe(65)
      expect(refused.stderr).toContain('keys.json cannot be read')
      expect(snapshot(join(dataDirectory, 'database'))).toEqual(before)
    },
    START_MILLISECONDS,
  )

  test(
    'survives a killed service with all that was acknowledged',
    async () => {
      const first = await startPreparedService()
      const { user, tokens } = (await register(first)).body
      expect((await first.stop('SIGKILL')).exitCode).toBeNull()
      const second = await startService({ dataDirectory: first.dataDirectory })
      expect((await signIn(second, user.username)).status).toBe(200)
      const body = { refreshToken: tokens.refreshToken }
      expect((await send(second, 'POST', '/v1/auth/refresh', { body })).status).toBe(200)
      await second.stop()
    },
    START_MILLISECONDS,
  )

  test(
    'named memory: keeps nothing and makes no folder',
    async () => {
      const service = await startService({ dataDirectory: 'memory:' })
      expect((await register(service)).status).toBe(201)
      expect((await service.stop()).exitCode).toBe(0)
      expect(existsSync('memory:')).toBe(false)
    },
    START_MILLISECONDS,
  )

  test(
    'makes its keys once, says so, and can be moved',
    async () => {
      const first = await startService()
      expect(first.logLines().filter(({ event }) => event === 'keys.generated')).toHaveLength(1)
      const { tokens } = (await register(first)).body
      await first.stop()
      const dataDirectory = newFolder()
      cpSync(first.dataDirectory, dataDirectory, { recursive: true })
      const second = await startService({ dataDirectory })
      expect(second.logLines().filter(({ event }) => event === 'keys.generated')).toHaveLength(0)
      const body = { refreshToken: tokens.refreshToken }
      expect((await send(second, 'POST', '/v1/auth/refresh', { body })).status).toBe(200)
      await second.stop()
    },
    START_MILLISECONDS,
  )
})

describe('a port', () => {
  test.each(['PORT', 'MANAGEMENT_PORT'])('in use ends the start with 69: %s', async (variable) => {
    const other = createServer()
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address()
        resolve(typeof address === 'object' && address !== null ? address.port : 0)
      })
    })
    const refused = await startToEnd({ environment: { [variable]: String(port) } })
    other.close()
    expect(refused.exitCode).toBe(69)
    expect(refused.stderr).toBe(
      `Cannot listen on 127.0.0.1:${port}: the port is in use. Set ${variable}, or stop the other process.\n`,
    )
  })
})
