import { describe, expect, test } from 'bun:test'
import { generateSigningKeys, writeSigningKeys } from '../../../src/adapters/crypto/signing-keys.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import { makeRefreshKey } from '../../../src/main/config/keys.ts'
import type { Environment } from '../../../src/main/config/setting.ts'
import {
  misjudgedAddresses,
  misreadPermissions,
} from '../../support/builders/service/plaintext-addresses.ts'

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

describe('a server without TLS', () => {
  test('beyond this machine is known, by each variable and in each spelling, and no other [CF9]', () => {
    expect(misjudgedAddresses(plaintextIn)).toEqual([])
    expect(plaintextIn({ NATS_URL: 'nats://nats', NATS_TLS: 'true' })).toEqual([])
  })

  test('is allowed by its own name in ALLOW_PLAINTEXT only [CF9]', () => {
    expect(misreadPermissions(plaintextIn)).toEqual([])
  })

  test('has no other name: ALLOW_PLAINTEXT is refused otherwise [CF9]', () => {
    for (const value of ['true', 'all', 'postgres;redis', 'POSTGRES', '*', 'http']) {
      const reading = readConfig({ ...PRODUCTION, ALLOW_PLAINTEXT: value }, () => '')
      expect('problems' in reading && reading.problems.join()).toContain('ALLOW_PLAINTEXT')
    }
  })
})
