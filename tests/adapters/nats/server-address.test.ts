import { expect, test } from 'bun:test'
import {
  parseServerAddress,
  shownAddress,
} from '../../../src/adapters/nats/connection/server-address.ts'

const NOBODY = { user: null, password: null }

test.each([
  ['nats://nats.example:4333', { host: 'nats.example', port: 4333, tls: false, ...NOBODY }],
  ['nats://nats.example', { host: 'nats.example', port: 4222, tls: false, ...NOBODY }],
  ['nats.example', { host: 'nats.example', port: 4222, tls: false, ...NOBODY }],
  ['nats.example:4333', { host: 'nats.example', port: 4333, tls: false, ...NOBODY }],
  ['tls://nats.example', { host: 'nats.example', port: 4222, tls: true, ...NOBODY }],
  ['tls://[2001:db8::1]:4333', { host: '2001:db8::1', port: 4333, tls: true, ...NOBODY }],
  [
    'nats://a%20b:p%40ss%3A1@nats.example',
    { host: 'nats.example', port: 4222, tls: false, user: 'a b', password: 'p@ss:1' },
  ],
  [
    'nats://only-a-user@nats.example',
    { host: 'nats.example', port: 4222, tls: false, user: 'only-a-user', password: null },
  ],
])('the address %s is read as it is written', (text, address) => {
  expect(parseServerAddress(text)).toEqual(address)
})

test.each([['nats://a b'], ['nats://host:port']])('%p is no address', (text) => {
  expect(() => parseServerAddress(text)).toThrow(TypeError)
})

test.each([
  ['nats://user:secret@nats.example', 'nats.example:4222'],
  ['tls://[2001:db8::1]:4333', '[2001:db8::1]:4333'],
])('a log line shows %s as %s', (text, shown) => {
  expect(shownAddress(parseServerAddress(text))).toBe(shown)
})
