import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { addressPrefix } from '../../../src/adapters/http/edge/client.ts'
import type { AddressPrefix } from '../../../src/domain/shared/address-prefix.ts'
import { siteOf } from '../../../src/domain/shared/address-prefix.ts'

describe('the site of a client address', () => {
  test.each([
    ['203.0.113.7/32', '203.0.113.7/32'],
    ['unknown', 'unknown'],
    ['2001:db8:7:1::/64', '2001:db8:7::/48'],
    ['2001:db8:7::/64', '2001:db8:7::/48'],
    ['2001:db8::/64', '2001:db8:0::/48'],
    ['::/64', '0:0:0::/48'],
    ['2001:0:0:1::/64', '2001:0:0::/48'],
    ['64:ff9b:1:2:0:0:0:0/64', '64:ff9b:1::/48'],
  ])('of %s is %s', (prefix, site) => {
    expect(String(siteOf(prefix as AddressPrefix))).toBe(site)
  })

  test('is the network of the first 48 bits of every IPv6 address', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const address = new ipaddr.IPv6([...bytes])
        fc.pre(!address.isIPv4MappedAddress())
        const site = siteOf(addressPrefix(address.toString()))
        const [network, bits] = ipaddr.IPv6.parseCIDR(site)
        expect(bits).toBe(48)
        expect(network.toByteArray()).toEqual([...bytes.slice(0, 6), ...Array(10).fill(0)])
      }),
    )
  })
})
