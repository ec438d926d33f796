import { describe, expect, test } from 'bun:test'
import {
  readPostgresAddress,
  shownPostgres,
} from '../../../../src/adapters/postgres/driver/postgres-address.ts'
import { postgresAt } from '../../../support/servers/addresses.ts'

const NO_TLS = { mode: 'disable', isDirect: false, files: {}, passphrase: null }
const PLAIN = {
  hosts: [{ host: 'db', port: 5432 }],
  user: null,
  password: null,
  database: null,
  tls: NO_TLS,
  target: null,
  options: null,
  ignored: [],
}

describe('the address of PostgreSQL', () => {
  test.each([
    ['postgres://db', {}],
    ['postgresql://db', {}],
    ['postgres:///', { hosts: [{ host: 'localhost', port: 5432 }] }],
    ['postgres://u:a,b%@db/my%20base', { user: 'u', password: 'a,b%', database: 'my base' }],
    ['postgres://db:6543/auth', { hosts: [{ host: 'db', port: 6543 }], database: 'auth' }],
    [
      'postgres://a,b:2,[::1]:3/auth?target_session_attrs=read-write',
      {
        hosts: [
          { host: 'a', port: 5432 },
          { host: 'b', port: 2 },
          { host: '::1', port: 3 },
        ],
        database: 'auth',
        target: 'read-write',
      },
    ],
    [
      'postgres://?host=a,b&port=1,2&user=u&password=p&dbname=d',
      {
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        user: 'u',
        password: 'p',
        database: 'd',
      },
    ],
    [
      'postgres://a,b?port=7',
      {
        hosts: [
          { host: 'a', port: 7 },
          { host: 'b', port: 7 },
        ],
      },
    ],
    ['postgres://?hostaddr=10.0.0.1', { hosts: [{ host: '10.0.0.1', port: 5432 }] }],
    ['postgres://db?target_session_attrs=any', {}],
    ['postgres://db?target_session_attrs=primary', { target: 'primary' }],
    ['postgres://db?options=endpoint%3Dep-x', { options: 'endpoint=ep-x' }],
    [
      'postgres:///auth?host=/run/postgresql',
      { hosts: [{ host: '/run/postgresql', port: 5432 }], database: 'auth' },
    ],
    [
      'postgres://u@%2Frun%2Fpg:5433/auth?sslmode=require',
      { hosts: [{ host: '/run/pg', port: 5433 }], user: 'u', database: 'auth' },
    ],
    ['postgres://db?sslmode=allow', { tls: { ...NO_TLS, mode: 'prefer' } }],
    ['postgres://db?sslmode=prefer', { tls: { ...NO_TLS, mode: 'prefer' } }],
    ['postgres://db?sslmode=require', { tls: { ...NO_TLS, mode: 'require' } }],
    ['postgres://db?sslmode=no-verify', { tls: { ...NO_TLS, mode: 'require' } }],
    ['postgres://db?sslmode=verify-ca', { tls: { ...NO_TLS, mode: 'verify-ca' } }],
    ['postgres://db?sslmode=verify-full', { tls: { ...NO_TLS, mode: 'verify-full' } }],
    ['postgres://db?ssl=true', { tls: { ...NO_TLS, mode: 'verify-full' } }],
    ['postgres://db?ssl=false', {}],
    ['postgres://db?sslrootcert=system', { tls: { ...NO_TLS, mode: 'verify-full' } }],
    [
      'postgres://db?sslmode=require&sslrootcert=/ca.pem',
      { tls: { ...NO_TLS, mode: 'verify-ca', files: { sslrootcert: '/ca.pem' } } },
    ],
    [
      'postgres://db?sslmode=verify-full&sslcert=/c&sslkey=/k&sslpassword=p&sslnegotiation=direct',
      {
        tls: {
          mode: 'verify-full',
          isDirect: true,
          files: { sslcert: '/c', sslkey: '/k' },
          passphrase: 'p',
        },
      },
    ],
    [
      'postgres://db?channel_binding=require&pgbouncer=true&connect_timeout=10&application_name=x&schema=y',
      {
        ignored: ['channel_binding', 'pgbouncer', 'connect_timeout', 'application_name', 'schema'],
      },
    ],
  ])('%s is read as libpq reads it', (text, parts) => {
    expect(readPostgresAddress(text)).toEqual({ ok: true, value: { ...PLAIN, ...parts } } as never)
  })

  test.each([
    ['mysql://canary', 'must begin with postgres:// or postgresql://'],
    ['postgres://canary:x', 'must have a port'],
    ['postgres://db?port=canary', 'must have a port'],
    ['postgres://db?host=ca nary', 'must name a host'],
    ['postgres://canary?sslmode=canary', 'must have sslmode disable, prefer, require, '],
    ['postgres://canary?ssl=canary', 'must have sslmode disable, prefer, require, '],
    ['postgres://canary?sslmode=require&sslrootcert=system', 'must have sslmode verify-full'],
    ['postgres://canary?sslmode=require&sslcert=/canary', 'must have sslcert and sslkey'],
    ['postgres://canary?target_session_attrs=standby', 'must have target_session_attrs any, '],
    ['postgres://canary?target_session_attrs=read-only', 'must have target_session_attrs any, '],
    ['postgres://%2Fcanary,db', 'must not name other servers beside a Unix socket'],
  ])('%s is refused in words and never repeated [CF1]', (text, refusal) => {
    const read = readPostgresAddress(text)
    expect(read.ok ? 'accepted' : read.refusal).toStartWith(refusal)
    expect(JSON.stringify(read)).not.toContain('canary')
  })

  test.each([
    ['postgres://u:secret@db/auth?sslmode=require', 'db:5432/auth'],
    ['postgres://[::1]:1,b/auth', '[::1]:1,b:5432/auth'],
    ['postgres:///auth?host=/run/pg', '/run/pg:5432/auth'],
  ])('%s is shown as %s', (text, shown) => {
    expect(shownPostgres(postgresAt(text))).toBe(shown)
  })
})
