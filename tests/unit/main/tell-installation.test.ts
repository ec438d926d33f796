import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import type { Config } from '../../../src/main/config/config.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import { makeSecret } from '../../../src/main/config/secret.ts'
import { makeTellInstallation } from '../../../src/main/lifecycle/tell-installation.ts'
import { postgresAt } from '../../support/servers/addresses.ts'

const given = (environment: Readonly<Record<string, string>>): Config => {
  const reading = readConfig({ NODE_ENV: 'development', ...environment }, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join())
  return reading.config
}

const told = (environment: Readonly<Record<string, string>>, processId: number | null = null) => {
  const lines: string[] = []
  const tell = makeTellInstallation((line) => lines.push(line))
  tell.ofConfig(given(environment), processId === null ? null : { processId })
  return { lines, tell }
}

describe('the line that names the installation', () => {
  test('says where the data is, and whose service has it', () => {
    expect(told({ DATA_DIR: 'nowhere' }).lines).toEqual([
      `Installation: the folder ${resolve('nowhere')}, which has no data yet; DATA_DIR or DATABASE_URL names another one`,
    ])
    expect(told({ DATA_DIR: 'nowhere' }, 812).lines).toEqual([
      `Installation: the service of process 812, with its data in ${resolve('nowhere')}`,
    ])
    expect(told({ DATA_DIR: 'memory:' }).lines).toEqual(['Installation: in memory'])
  })

  test('names servers, and never the credentials for them', () => {
    const { lines } = told({
      DATABASE_URL: 'postgres://canary:canary@db.test:5433/auth?sslmode=require',
      NATS_URL: 'nats://canary:canary@n1.test:4222,nats://n2.test:4222',
    })
    expect(lines).toEqual([
      'Installation: PostgreSQL at db.test:5433/auth, NATS at n1.test:4222, n2.test:4222',
    ])
  })

  test('is said once for each command', () => {
    const { lines, tell } = told({ DATA_DIR: 'memory:' })
    tell.ofDatabase(makeSecret(postgresAt('postgres://canary:canary@db.test/auth')))
    expect(lines).toHaveLength(1)
  })

  test('of a command that needs only the database names the database', () => {
    const lines: string[] = []
    makeTellInstallation((line) => lines.push(line)).ofDatabase(
      makeSecret(postgresAt('postgres://canary:canary@db.test/auth')),
    )
    expect(lines).toEqual(['Installation: PostgreSQL at db.test:5432/auth'])
  })
})
