import type { Brand } from './ids.ts'

/**
 * The part of a client's address that rate limits count: a whole IPv4 address (/32), or an IPv6 network (/64), because
 * one client has all addresses of such a network.
 */
export type AddressPrefix = Brand<'AddressPrefix'>

const GROUPS_OF_AN_ADDRESS = 8
/** Three groups of 16 bits. */
const GROUPS_OF_A_SITE = 3

/**
 * The network that one customer of a provider usually gets: for an IPv6 prefix the /48 that contains it (RFC 6177). It is
 * the prefix itself for IPv4 and for an unknown address.
 */
export const siteOf = (prefix: AddressPrefix): AddressPrefix => {
  const address = prefix.replace(/\/64$/, '')
  if (address === prefix) return prefix
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(GROUPS_OF_AN_ADDRESS - before.length - after.length).fill('0')
  const groups = tail === undefined ? before : [...before, ...zeros, ...after]
  return `${groups.slice(0, GROUPS_OF_A_SITE).join(':')}::/48` as AddressPrefix
}
