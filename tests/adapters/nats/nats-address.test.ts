import { describe, expect, test } from 'bun:test'
import { readNatsAddresses, shownNats } from '../../../src/adapters/nats/connection/nats-address.ts'
import { natsAt } from '../../support/servers/addresses.ts'

const PLAIN = {
  host: 'nats.example',
  port: 4222,
  tls: false,
  user: null,
  password: null,
  token: null,
  ignored: [],
}

describe('the addresses of NATS', () => {
  test.each([
    ['nats://nats.example:4333', [{ port: 4333 }]],
    ['nats://nats.example', [{}]],
    ['tls://nats.example', [{ tls: true }]],
    ['tls://[2001:db8::1]:4333', [{ host: '2001:db8::1', port: 4333, tls: true }]],
    ['nats://a%20b:p%40ss%3A1@nats.example', [{ user: 'a b', password: 'p@ss:1' }]],
    ['nats://u:a,b%@nats.example', [{ user: 'u', password: 'a,b%' }]],
    ['nats://s3cr,et@nats.example', [{ token: 's3cr,et' }]],
    ['nats://a, tls://b,nats://c', [{ host: 'a' }, { host: 'b', tls: true }, { host: 'c' }]],
    [
      'nats://u:p,q@a:1,b,nats://t@c',
      [
        { host: 'a', port: 1, user: 'u', password: 'p,q' },
        { host: 'b', user: 'u', password: 'p,q' },
        { host: 'c', token: 't' },
      ],
    ],
    ['nats://nats.example?reconnect=true', [{ ignored: ['reconnect'] }]],
  ])('%s are read as they are written', (text, addresses) => {
    const expected = addresses.map((address) => ({ ...PLAIN, ...address }))
    expect(readNatsAddresses(text)).toEqual({ ok: true, value: expected })
  })

  test.each([
    ['canary', 'must begin with nats:// or tls://'],
    ['http://canary', 'must begin with nats:// or tls://'],
    ['nats://one,http://canary', 'must begin with nats:// or tls://'],
    ['nats://canary:x', 'must have a port'],
    ['nats://ca nary', 'must name a host'],
    ['nats://canary,', 'must name a host'],
    ['nats://', 'must name a host'],
    ['nats://u:can/ary@nats', 'must have '],
  ])('%s is refused in words and never repeated [CF1]', (text, refusal) => {
    const read = readNatsAddresses(text)
    expect(read.ok ? 'accepted' : read.refusal).toStartWith(refusal)
    expect(JSON.stringify(read)).not.toContain('canary')
  })

  test.each([
    ['nats://user:secret@nats.example', 'nats.example:4222'],
    ['tls://[2001:db8::1]:4333', '[2001:db8::1]:4333'],
  ])('a log line shows %s as %s', (text, shown) => {
    expect(natsAt(text).map(shownNats)).toEqual([shown])
  })
})
