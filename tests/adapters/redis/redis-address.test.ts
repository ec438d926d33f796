import { describe, expect, test } from 'bun:test'
import { readRedisAddress, shownRedis } from '../../../src/adapters/redis/redis-address.ts'
import { redisAt } from '../../support/servers/addresses.ts'

const PLAIN = {
  host: 'cache',
  port: 6379,
  isSocket: false,
  tls: false,
  user: null,
  password: null,
  database: 0,
  ignored: [],
}

describe('the address of Redis', () => {
  test.each([
    ['redis://cache', {}],
    ['redis://', { host: 'localhost' }],
    ['redis://cache/', {}],
    ['rediss://cache:6380/2', { port: 6380, tls: true, database: 2 }],
    ['redis://:a,b%@cache', { password: 'a,b%' }],
    ['redis://u:p%40@[::1]:1', { host: '::1', port: 1, user: 'u', password: 'p@' }],
    ['redis://cache?db=3&username=u&password=p', { database: 3, user: 'u', password: 'p' }],
    ['unix:///run/redis.sock', { host: '/run/redis.sock', isSocket: true }],
    ['unix:///run/a%20b?db=1', { host: '/run/a b', isSocket: true, database: 1 }],
    [
      'rediss://cache?ssl_cert_reqs=none&protocol=3',
      { tls: true, ignored: ['ssl_cert_reqs', 'protocol'] },
    ],
  ])('%s is read', (text, parts) => {
    expect(readRedisAddress(text)).toEqual({ ok: true, value: { ...PLAIN, ...parts } })
  })

  test.each([
    ['http://canary', 'must begin with redis:// or rediss:// or unix://'],
    ['redis://canary,other', 'must name one server'],
    ['redis://canary/one', 'must have a number as its database'],
    ['redis://canary?db=-1', 'must have a number as its database'],
    ['redis://canary:x', 'must have a port'],
    ['unix://canary/run/redis.sock', 'must name a socket by its path'],
    ['unix://', 'must name a socket by its path'],
  ])('%s is refused in words and never repeated [CF1]', (text, refusal) => {
    const read = readRedisAddress(text)
    expect(read.ok ? 'accepted' : read.refusal).toStartWith(refusal)
    expect(JSON.stringify(read)).not.toContain('canary')
  })

  test.each([
    ['rediss://user:secret@redis.example.com:6380/2', 'redis.example.com:6380'],
    ['redis://[::1]', '[::1]:6379'],
    ['unix:///run/redis.sock', '/run/redis.sock'],
  ])('%s is shown as %s', (text, shown) => {
    expect(shownRedis(redisAt(text))).toBe(shown)
  })
})
