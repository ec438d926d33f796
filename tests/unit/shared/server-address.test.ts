import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseServerAddress, shownHost } from '../../../src/domain/shared/server-address.ts'

const read = (text: string) => parseServerAddress(text, ['db', 'dbs'])
const refusalOf = (text: string): string => {
  const parsed = read(text)
  return parsed.ok ? 'accepted' : parsed.refusal
}

describe('the address of a server', () => {
  test.each([
    ['db://host', {}],
    ['DB://host', {}],
    ['  db://host\n', {}],
    ['dbs://host', { scheme: 'dbs' }],
    ['db://host:5433', { hosts: [{ name: 'host', port: 5433 }] }],
    ['db://host:', {}],
    ['db://host/', {}],
    ['db://', { hosts: [] }],
    ['db:///path', { hosts: [], path: 'path' }],
    ['db://user@host', { user: 'user' }],
    ['db://@host', { user: '' }],
    ['db://user:@host', { user: 'user', password: '' }],
    ['db://:pass@host', { user: '', password: 'pass' }],
    ['db://u:p%40%2F%3A@host', { user: 'u', password: 'p@/:' }],
    ['db://u:a,b@host', { user: 'u', password: 'a,b' }],
    ['db://u:50%@host', { user: 'u', password: '50%' }],
    ['db://u:%zz%4@host', { user: 'u', password: '%zz%4' }],
    ['db://u:%ff@host', { user: 'u', password: '%ff' }],
    ['db://u:%c3%a9@host', { user: 'u', password: 'é' }],
    ['db://u:a:b@c#d e@host', { user: 'u', password: 'a:b@c#d e' }],
    ['db://a%20b@host', { user: 'a b' }],
    ['db://host/a%20b%2Fc', { path: 'a b/c' }],
    ['db://host/a#b', { path: 'a#b' }],
    ['db://host/100%', { path: '100%' }],
    [
      'db://a:1,b,c:3/x',
      {
        hosts: [
          { name: 'a', port: 1 },
          { name: 'b', port: null },
          { name: 'c', port: 3 },
        ],
        path: 'x',
      },
    ],
    ['db://[2001:db8::1]:1', { hosts: [{ name: '2001:db8::1', port: 1 }] }],
    ['db://[fe80::1%25eth0]', { hosts: [{ name: 'fe80::1%eth0', port: null }] }],
    ['db://%2Frun%2Fdb:1', { hosts: [{ name: '/run/db', port: 1 }] }],
    ['db://under_score.example', { hosts: [{ name: 'under_score.example', port: null }] }],
    ['db://bücher.example', { hosts: [{ name: 'bücher.example', port: null }] }],
    [
      'db://host?a=1&b=&c&a=2&d=x%3Dy=z&e+f=+',
      {
        parameters: new Map([
          ['a', '2'],
          ['b', ''],
          ['c', ''],
          ['d', 'x=y=z'],
          ['e+f', '+'],
        ]),
      },
    ],
  ])('%j is taken apart', (text, parts) => {
    expect(read(text)).toEqual({
      ok: true,
      value: {
        scheme: 'db',
        user: null,
        password: null,
        hosts: [{ name: 'host', port: null }],
        path: '',
        parameters: new Map(),
        ...parts,
      },
    })
  })

  test.each([
    ['', 'must begin with db:// or dbs://'],
    ['canary', 'must begin with db:// or dbs://'],
    ['canary://canary', 'must begin with db:// or dbs://'],
    ['db:canary', 'must begin with db:// or dbs://'],
    ['db://u:can\nary@host', 'must be one line'],
    ['db://u:can\u0000ary@host', 'must be one line'],
    ['db://u:canary/x@host', 'must have / and ?'],
    ['db://u:canary?x@host', 'must have a port from 1 to 65535; / and ?'],
    ['db://canary:0', 'must have a port from 1 to 65535'],
    ['db://canary:65536', 'must have a port from 1 to 65535'],
    ['db://canary:1e3', 'must have a port from 1 to 65535'],
    ['db://2001:db8::1', 'must have an IPv6 address in brackets'],
    ['db://[canary]', 'must name a host'],
    ['db://[::1', 'must have an IPv6 address in brackets'],
    ['db://can ary', 'must name a host'],
    ['db://canary,', 'must name a host'],
    ['db://,canary', 'must name a host'],
    ['db://<canary>', 'must name a host'],
    ['db://:5432', 'must name a host'],
  ])('%j is refused in words and never repeated [CF1]', (text, refusal) => {
    expect(refusalOf(text)).toStartWith(refusal)
    expect(refusalOf(text)).not.toContain('canary')
  })

  test('gives back any user, password and path that was escaped', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (user, password, path) => {
        const text = `db://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h/${encodeURIComponent(path)}`
        expect(read(text)).toMatchObject({ ok: true, value: { user, password, path } })
      }),
    )
  })

  test('never makes the parser throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void read(`db://${text}`)))
  })
})

test.each([
  ['host', 'host:1'],
  ['127.0.0.1', '127.0.0.1:1'],
  ['2001:db8::1', '[2001:db8::1]:1'],
  ['/run/db', '/run/db:1'],
])('the host %s is shown as %s', (host, shown) => {
  expect(shownHost(host, 1)).toBe(shown)
})
