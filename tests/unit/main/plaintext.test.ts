import { describe, expect, test } from 'bun:test'
import { generateSigningKeys, writeSigningKeys } from '../../../src/adapters/crypto/signing-keys.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import { makeRefreshKey } from '../../../src/main/config/keys.ts'
import type { Environment } from '../../../src/main/config/setting.ts'

const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://auth.acme.org',
  TRUSTED_PROXY_HOPS: '0',
  JWT_KEYS: writeSigningKeys(generateSigningKeys()),
  REFRESH_KEY: makeRefreshKey(),
  DATABASE_URL: 'postgres://127.0.0.1/auth',
  REDIS_URL: 'redis://127.0.0.1',
  NATS_URL: 'nats://127.0.0.1',
}
const plaintextIn = (environment: Environment): readonly string[] => {
  const reading = readConfig({ ...PRODUCTION, ...environment }, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join('; '))
  return reading.config.plaintextServers.map(({ variable }) => variable)
}

const PLAIN = {
  DATABASE_URL: [
    'postgres://db/auth',
    'postgresql://auth:secret@10.0.0.5:5432/auth',
    'postgres://db/auth?sslmode=disable',
    'postgres://db/auth?sslmode=prefer',
    'postgres://db/auth?ssl=false',
    'postgres://db/auth?sslmode=require&sslmode=disable',
    'postgres://[2001:db8::1]/auth',
    'postgres://127.0.0.1.example.com/auth',
    'postgres://localhost.example.com/auth',
    'postgres://0.0.0.0/auth',
  ],
  MIGRATION_DATABASE_URL: ['postgres://db/auth'],
  REDIS_URL: ['redis://cache', 'redis://auth:secret@10.0.0.5:6379/0'],
  NATS_URL: ['nats://nats:4222', 'nats://127.0.0.1,nats://nats-2', 'tls://nats-1,nats://nats-2'],
} as const

const PRIVATE = {
  DATABASE_URL: [
    'postgres://localhost/auth',
    'postgres://127.0.0.2/auth',
    'postgres://[::1]:5432/auth',
    'postgres://%2Fvar%2Frun%2Fpostgresql/auth',
    'postgres://db/auth?sslmode=require',
    'postgres://db/auth?sslmode=verify-full',
    'postgres://db/auth?ssl=true',
    'postgres://db/auth?sslrootcert=system',
  ],
  MIGRATION_DATABASE_URL: ['postgres://db/auth?sslmode=verify-full'],
  REDIS_URL: ['redis://localhost:6379', 'redis://[::1]', 'rediss://cache'],
  NATS_URL: ['nats://127.0.0.1:4222,nats://localhost', 'tls://nats-1,tls://nats-2'],
} as const

describe('a server without TLS', () => {
  test('beyond this machine is known, by each variable and in each spelling [CF9]', () => {
    for (const [variable, addresses] of Object.entries(PLAIN))
      for (const address of addresses)
        expect([address, plaintextIn({ [variable]: address })]).toEqual([address, [variable]])
  })

  test('is no matter on this machine, and with TLS none [CF9]', () => {
    for (const [variable, addresses] of Object.entries(PRIVATE))
      for (const address of addresses)
        expect([address, plaintextIn({ [variable]: address })]).toEqual([address, []])
    expect(plaintextIn({ NATS_URL: 'nats://nats', NATS_TLS: 'true' })).toEqual([])
  })

  test('is allowed by its own name in ALLOW_PLAINTEXT only [CF9]', () => {
    const all = {
      DATABASE_URL: 'postgres://db/auth',
      MIGRATION_DATABASE_URL: 'postgres://owner@db/auth',
      REDIS_URL: 'redis://cache',
      NATS_URL: 'nats://nats',
    }
    const databases = ['DATABASE_URL', 'MIGRATION_DATABASE_URL']
    for (const [allowed, rest] of [
      [undefined, [...databases, 'REDIS_URL', 'NATS_URL']],
      ['postgres', ['REDIS_URL', 'NATS_URL']],
      ['redis', [...databases, 'NATS_URL']],
      ['nats', [...databases, 'REDIS_URL']],
      ['postgres, redis,nats', []],
    ] as const)
      expect([allowed, plaintextIn({ ...all, ALLOW_PLAINTEXT: allowed })]).toEqual([
        allowed,
        [...rest],
      ])
  })

  test('has no other name: ALLOW_PLAINTEXT is refused otherwise [CF9]', () => {
    for (const value of ['true', 'all', 'postgres;redis', 'POSTGRES', '*', 'http']) {
      const reading = readConfig({ ...PRODUCTION, ALLOW_PLAINTEXT: value }, () => '')
      expect('problems' in reading && reading.problems.join()).toContain('ALLOW_PLAINTEXT')
    }
  })
})
