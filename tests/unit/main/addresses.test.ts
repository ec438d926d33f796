import { describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readDatabaseUrl, readMigrationUrl } from '../../../src/main/config/command-config.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import type { Environment } from '../../../src/main/config/setting.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

const noFile = (): string => {
  throw new Error('no such file')
}

const problemsOf = (environment: Environment): readonly string[] => {
  const reading = readConfig(environment, noFile)
  return 'problems' in reading ? reading.problems : []
}

const configOf = (environment: Environment) => {
  const reading = readConfig(environment, noFile)
  if ('problems' in reading) throw new Error(reading.problems.join('; '))
  return reading.config
}

describe('the address of a server', () => {
  test.each([
    ['DATABASE_URL', 'postgres://u:canary@db:port/auth'],
    ['DATABASE_URL', 'postgres://u:canary/@db/auth'],
    ['DATABASE_URL', 'postgres://db/auth?target_session_attrs=canary'],
    ['DATABASE_URL', 'postgres://db/auth?sslmode=canary'],
    ['DATABASE_URL', 'postgres://db/auth?sslmode=verify-full&sslrootcert=/canary'],
    ['MIGRATION_DATABASE_URL', 'canary'],
    ['MIGRATION_DATABASE_URL', 'postgres://u:can\nary@db'],
    ['REDIS_URL', 'redis://:canary@cache/one'],
    ['REDIS_URL', 'redis://canary,other'],
    ['NATS_URL', 'nats://u:canary/x@nats'],
    ['NATS_URL', 'nats://u:canary@one,http://two'],
    ['NATS_TOKEN', 'can ary'],
    ['NATS_CREDS', '/canary'],
  ])('%s=%j is one problem that names the variable and no value [CF1]', (name, value) => {
    const problems = problemsOf({ DATABASE_URL: 'postgres://db', [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toStartWith(`${name} `)
    expect(problems[0]).not.toContain('canary')
  })

  test('is a problem for a command that needs nothing else too', () => {
    for (const read of [readDatabaseUrl, readMigrationUrl])
      expect(read({ DATABASE_URL: 'postgres://canary:x' }, noFile)).toMatchObject({
        ok: false,
        refusal: [expect.stringMatching(/^DATABASE_URL must have a port/)],
      })
  })

  test('may name a certificate that can be read', () => {
    const authority = join(temporaryFolder(), 'ca.pem')
    writeFileSync(authority, '')
    const { databaseUrl } = configOf({
      DATABASE_URL: `postgres://db/auth?sslmode=verify-full&sslrootcert=${authority}`,
    })
    expect(databaseUrl?.reveal().tls.files).toEqual({ sslrootcert: authority })
  })

  test('may have parameters without effect, which are known by name', () => {
    expect(
      configOf({
        DATABASE_URL: 'postgres://db/auth?channel_binding=require&sslmode=require&w0rd@x=1',
        MIGRATION_DATABASE_URL: 'postgres://owner@db/auth?pgbouncer=true',
        REDIS_URL: 'redis://cache?protocol=3&db=1',
        NATS_URL: 'nats://a?x_y=1,nats://b?x_y=2',
      }).ignoredParameters,
    ).toEqual([
      { variable: 'DATABASE_URL', parameter: 'channel_binding' },
      { variable: 'DATABASE_URL', parameter: '(not a name)' },
      { variable: 'MIGRATION_DATABASE_URL', parameter: 'pgbouncer' },
      { variable: 'REDIS_URL', parameter: 'protocol' },
      { variable: 'NATS_URL', parameter: 'x_y' },
    ])
  })
})

describe('what this service shows NATS', () => {
  test('may be a token', () => {
    const { nats } = configOf({ NATS_URL: 'nats://n', NATS_TOKEN: 's3cret' })
    expect(JSON.stringify(nats)).not.toContain('s3cret')
    expect(nats?.access !== null && nats?.access && 'token' in nats.access).toBe(true)
  })

  test.each([{ NATS_USER: 'u', NATS_PASSWORD: 'p' }, { NATS_CREDS: import.meta.path }])(
    'is a token or something else, not both: %p',
    (other) => {
      const problems = problemsOf({ NATS_URL: 'nats://n', NATS_TOKEN: 't', ...other })
      expect(problems).toEqual(['NATS_TOKEN cannot be given together with NATS_USER or NATS_CREDS'])
    },
  )
})
