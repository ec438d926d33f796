import type { Brand } from './ids.ts'

/**
 * The part of a client's address that limits count: an IPv4 address whole (/32), an IPv6 network (/64),
 * because whoever has one address there has all of them.
 */
export type AddressPrefix = Brand<'AddressPrefix'>
