import { describe, expect, test } from 'bun:test'
import { readMigrationUrl } from '../../../src/main/config/command-config.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import { postgresAt } from '../../support/servers/addresses.ts'

const OWNER = 'postgres://owner:canary@db/auth'
const SERVICE = 'postgres://service:canary@db/auth'

const read = (environment: Record<string, string>, files: Record<string, string> = {}) =>
  readMigrationUrl(environment, (path) => {
    const text = files[path]
    if (text === undefined) throw new Error('no such file')
    return text
  })
const urlOf = (reading: ReturnType<typeof read>) =>
  reading.ok ? (reading.value?.reveal() ?? null) : reading.refusal

describe("the owner's address of the database", () => {
  test('is used before that of the service', () => {
    const both = { MIGRATION_DATABASE_URL: OWNER, DATABASE_URL: SERVICE }
    expect(urlOf(read(both))).toEqual(postgresAt(OWNER))
    expect(urlOf(read({ DATABASE_URL: SERVICE }))).toEqual(postgresAt(SERVICE))
    expect(urlOf(read({}))).toBeNull()
  })

  test('may come from a file, and needs no other production setting', () => {
    const environment = { NODE_ENV: 'production', MIGRATION_DATABASE_URL_FILE: '/owner' }
    expect(urlOf(read(environment, { '/owner': `${OWNER}\n` }))).toEqual(postgresAt(OWNER))
  })

  test('that is malformed is reported by its variable, without its value', () => {
    const broken = read({ MIGRATION_DATABASE_URL: 'mysql://owner:canary@db/auth' })
    expect(urlOf(broken)).toEqual([
      'MIGRATION_DATABASE_URL must begin with postgres:// or postgresql://',
    ])
    expect(urlOf(read({ MIGRATION_DATABASE_URL: '' }))).toEqual(['MIGRATION_DATABASE_URL is empty'])
    expect(urlOf(read({ MIGRATION_DATABASE_URL_FILE: '/none' }))).toEqual([
      'MIGRATION_DATABASE_URL_FILE names a file that cannot be read',
    ])
  })

  test('is a problem when its name is misspelt', () => {
    expect(urlOf(read({ MIGRATION_DATABASE_URI: OWNER, DATABASE_URL: SERVICE }))).toEqual([
      'MIGRATION_DATABASE_URI is unknown. Did you mean MIGRATION_DATABASE_URL?',
    ])
  })

  test('is that of the service when it is not set, and none when the database is embedded', () => {
    const configured = (environment: Record<string, string>) => {
      const reading = readConfig(environment, () => '')
      return 'config' in reading ? (reading.config.migrationDatabaseUrl?.reveal() ?? null) : reading
    }
    expect(configured({ DATABASE_URL: SERVICE })).toEqual(postgresAt(SERVICE))
    expect(configured({ DATABASE_URL: SERVICE, MIGRATION_DATABASE_URL: OWNER })).toEqual(
      postgresAt(OWNER),
    )
    expect(configured({ MIGRATION_DATABASE_URL: OWNER })).toBeNull()
  })
})
