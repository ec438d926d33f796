import { expect, test } from 'bun:test'
import { checkConfiguration } from '../../../src/adapters/cli/operations/check-configuration.ts'

const GIVEN = {
  mode: 'production',
  publicUrl: 'https://auth.acme.org',
  ignoredParameters: [],
} as const
const SERVERS = [
  { service: 'postgres', variable: 'DATABASE_URL' },
  { service: 'postgres', variable: 'MIGRATION_DATABASE_URL' },
  { service: 'nats', variable: 'NATS_URL' },
]

test('the doctor fails in production over each server without TLS, and says what to set [CF9]', () => {
  const { isWell, detail } = checkConfiguration({ ...GIVEN, plaintextServers: SERVERS })
  expect(isWell).toBe(false)
  expect(detail).toStartWith('DATABASE_URL, MIGRATION_DATABASE_URL, NATS_URL without TLS')
  expect(detail).toContain('ALLOW_PLAINTEXT=postgres,nats')
})

test('the doctor finds settings well that are safe, and those of a development machine [CF9]', () => {
  for (const needs of [
    { ...GIVEN, plaintextServers: [] },
    { ...GIVEN, mode: 'development', plaintextServers: SERVERS } as const,
  ])
    expect(checkConfiguration(needs).isWell).toBe(true)
})

test('the doctor warns of parameters that have no effect, by their names', () => {
  const ignoredParameters = [
    { variable: 'DATABASE_URL', parameter: 'pgbouncer' },
    { variable: 'REDIS_URL', parameter: 'protocol' },
  ]
  const finding = checkConfiguration({ ...GIVEN, plaintextServers: [], ignoredParameters })
  expect(finding).toMatchObject({ isWell: true, isWarning: true })
  expect(finding.detail).toEndWith(
    'without effect: pgbouncer of DATABASE_URL, protocol of REDIS_URL',
  )
})
