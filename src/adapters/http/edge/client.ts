import ipaddr from 'ipaddr.js'
import type { Client } from '../../../domain/sessions/session.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'
import { exchangeOf } from './exchange.ts'

const USER_AGENT_MAXIMUM = 256
const UNKNOWN_ADDRESS = 'unknown' as AddressPrefix

/** Says who sent a request, as limits and session lists need it. */
export type Clients = { of(request: Request): Client }

/**
 * @param trustedProxyHops how many proxies of ours append to X-Forwarded-For. Without any, the peer is the client
 * and no header counts.
 * @param forwardingIgnored called for each request with a header of a proxy when no proxy is trusted.
 */
export const makeClients = (trustedProxyHops: number, forwardingIgnored: () => void): Clients => ({
  of: (request) => {
    if (trustedProxyHops === 0 && FORWARDING.some((name) => request.headers.has(name)))
      forwardingIgnored()
    return {
      userAgent: userAgent(request.headers.get('user-agent')),
      addressPrefix: addressPrefix(clientAddress(request, trustedProxyHops)),
    }
  },
})

/** The headers by which a proxy says who the client is. */
const FORWARDING = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const

const userAgent = (header: string | null): string | null => {
  const visible = (header ?? '').replace(/[^\x20-\x7e]/g, '').trim()
  return visible === '' ? null : visible.slice(0, USER_AGENT_MAXIMUM)
}

const clientAddress = (request: Request, hops: number): string | null => {
  const peer = exchangeOf(request).peerAddress
  if (hops === 0) return peer
  const forwarded = (request.headers.get('x-forwarded-for') ?? '').split(',')
  // Only the last `hops` entries were written by proxies of ours; a shorter list came past one of them.
  return forwarded.at(-hops)?.trim() || peer
}

/** Null or unreadable addresses share one prefix, so that they share one budget. */
export const addressPrefix = (address: string | null): AddressPrefix => {
  const bare = withoutPort(address ?? '')
  if (!ipaddr.isValid(bare)) return UNKNOWN_ADDRESS
  const parsed = ipaddr.process(bare) // an IPv4 address mapped into IPv6 becomes itself
  return parsed.kind() === 'ipv4'
    ? (`${parsed.toString()}/32` as AddressPrefix)
    : (`${ipaddr.IPv6.networkAddressFromCIDR(`${withoutZone(parsed.toString())}/64`).toString()}/64` as AddressPrefix)
}

// Some proxies write `203.0.113.7:4711` or `[2001:db8::1]:4711`.
const withoutPort = (address: string): string =>
  /^\[([^\]]+)\](?::\d+)?$/.exec(address)?.[1] ??
  /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ??
  address

const withoutZone = (address: string): string => address.split('%')[0] ?? address
