import { describe, expect, test } from 'bun:test'
import { addressPrefix } from '../../../../src/adapters/http/edge/client.ts'
import type { Client } from '../../../../src/domain/sessions/session.ts'
import { givenApi, jsonRequest, REGISTRATION } from '../given-api.ts'

type Sent = {
  readonly peer?: string | null
  readonly hops?: number
  readonly headers?: Record<string, string>
  readonly forwardingIgnored?: () => void
}

/** Whom the use case sees behind a registration. */
const clientOf = async ({
  peer = '203.0.113.7',
  hops = 0,
  headers = {},
  forwardingIgnored = () => {},
}: Sent): Promise<Client> => {
  const seen: Client[] = []
  const { send } = givenApi({
    peer,
    settings: { trustedProxyHops: hops },
    forwardingIgnored,
    registerUser: async (_, client) => {
      seen.push(client)
      throw new Error('seen')
    },
  })
  const request = jsonRequest('POST', REGISTRATION)
  await send('/v1/auth/register', { ...request, headers: { ...request.headers, ...headers } })
  const [client] = seen
  if (client === undefined) throw new Error('the use case was not asked')
  return client
}

const prefixOf = async (sent: Sent): Promise<string> => (await clientOf(sent)).addressPrefix

describe('the address prefix', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['::ffff:203.0.113.7', '203.0.113.7/32'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['203.0.113.7:4711', '203.0.113.7/32'],
    ['[2001:db8:1:2::1]:4711', '2001:db8:1:2::/64'],
    ['not an address', 'unknown'],
    ['', 'unknown'],
  ])('of %p is %s', (address, prefix) => {
    expect(String(addressPrefix(address))).toBe(prefix)
  })

  test('is one for all addresses of an IPv6 network [BF4]', async () => {
    const prefixes = await Promise.all(
      ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:1'].map((peer) => prefixOf({ peer })),
    )
    expect(new Set(prefixes).size).toBe(1)
  })

  test('is the same for all clients whose address the runtime does not know', async () => {
    expect(await prefixOf({ peer: null })).toBe('unknown')
  })

  test.each(['x-forwarded-for', 'x-real-ip', 'forwarded', 'cf-connecting-ip', 'true-client-ip'])(
    'is not changed by %s from a peer that is not trusted [BF4]',
    async (name) => {
      expect(await prefixOf({ headers: { [name]: '198.51.100.1' } })).toBe('203.0.113.7/32')
    },
  )

  test.each([
    [1, '198.51.100.1', '198.51.100.1/32'],
    [1, 'spoofed, 198.51.100.1', '198.51.100.1/32'],
    [1, '10.0.0.1, 198.51.100.1', '198.51.100.1/32'],
    [2, '10.9.9.9, 198.51.100.1, 192.0.2.1', '198.51.100.1/32'],
    [2, '198.51.100.1', '203.0.113.7/32'],
    [1, '', '203.0.113.7/32'],
    [1, 'nonsense', 'unknown'],
  ])(
    'with %d trusted hops is taken from that position, counted from the right, in "%s" [BF4]',
    async (hops, header, prefix) => {
      expect(await prefixOf({ hops, headers: { 'x-forwarded-for': header } })).toBe(prefix)
    },
  )
})

describe('the user agent', () => {
  test('is cut to 256 visible ASCII characters', async () => {
    const { userAgent } = await clientOf({ headers: { 'user-agent': `Ag\té ${'x'.repeat(300)}` } })
    expect(userAgent).toHaveLength(256)
    expect(userAgent).toMatch(/^Ag x+$/)
  })

  test('that is left out is null', async () => {
    expect((await clientOf({})).userAgent).toBeNull()
  })
})

describe('a header of a proxy', () => {
  const isIgnored = async (hops: number, headers: Record<string, string>) => {
    let ignored = 0
    await clientOf({
      hops,
      headers,
      forwardingIgnored: () => {
        ignored += 1
      },
    })
    return ignored > 0
  }

  test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP'])(
    'is reported when no proxy is trusted: %s [CF8]',
    async (name) => {
      expect(await isIgnored(0, { [name]: '198.51.100.1' })).toBe(true)
      expect(await isIgnored(1, { [name]: '198.51.100.1' })).toBe(false)
      expect(await isIgnored(0, {})).toBe(false)
    },
  )
})
