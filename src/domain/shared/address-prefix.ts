import type { Brand } from './ids.ts'

/**
 * The part of a client's address that rate limits count: a whole IPv4 address (/32), or an IPv6 network (/64), because
 * one client has all addresses of such a network.
 */
export type AddressPrefix = Brand<'AddressPrefix'>
