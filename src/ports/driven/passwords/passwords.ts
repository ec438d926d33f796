import type { Password } from '../../../domain/passwords/password.ts'
import type { AddressPrefix } from '../../../domain/shared/address-prefix.ts'

export type PasswordMatch = { readonly matches: boolean; readonly outdated: boolean }

/**
 * Hashes passwords, behind a bounded queue. The prefix tells whose request it is: the clients of one IPv4 address, or of
 * one IPv6 /48, hold at most a quarter of the places in which calls wait. It is null for the service and its owner.
 * @throws Unavailable when the queue or the client's share of it is full, or when a call waited in it for 2 s.
 */
export type Passwords = {
  /** A PHC string with a salt of its own. */
  hash(password: Password, prefix: AddressPrefix | null): Promise<string>
  /**
   * Compares a password with a hash. Takes as long for null as for a real hash, so that the time does not tell whether
   * the account exists. `outdated`: the password matches, but the hash was made with other parameters than today's.
   */
  matches(
    password: Password,
    hash: string | null,
    prefix: AddressPrefix | null,
  ): Promise<PasswordMatch>
  /**
   * False for a stored hash that `matches` refuses without computing it: a text that is no hash, or one whose parameters
   * would cost far too much. The time does not tell, because a decoy is compared instead.
   */
  isUsable(hash: string): boolean
  /**
   * Runs work that hashes later, and reserves a place in the queue for it first.
   * @throws Unavailable at once when no place is free. The work has not started then.
   */
  reserve<T>(prefix: AddressPrefix | null, work: () => Promise<T>): Promise<T>
  /** True when a call for this client would be refused now. */
  isFull(prefix: AddressPrefix | null): boolean
}

/** Common passwords, which attackers try first. The list is local: no request leaves the process, and asking never fails. */
export type PasswordBlocklist = { has(password: Password): boolean }
