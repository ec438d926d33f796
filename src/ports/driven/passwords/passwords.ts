import type { Password } from '../../../domain/passwords/password.ts'

export type PasswordMatch = { readonly matches: boolean; readonly outdated: boolean }

/**
 * Hashes passwords, behind a bounded queue.
 * @throws Unavailable when the queue is full, or when a call waited in it for 2 s.
 */
export type Passwords = {
  /** A PHC string with a salt of its own. */
  hash(password: Password): Promise<string>
  /**
   * Compares a password with a hash. Takes as long for null as for a real hash, so that the time does not tell whether
   * the account exists. `outdated`: the password matches, but the hash was made with other parameters than today's.
   */
  matches(password: Password, hash: string | null): Promise<PasswordMatch>
  /**
   * Runs work that hashes later, and reserves a place in the queue for it first.
   * @throws Unavailable at once when no place is free. The work has not started then, so the caller's attempt counts for nothing.
   */
  reserve<T>(work: () => Promise<T>): Promise<T>
  /** True when a call would be refused now. */
  isFull(): boolean
}

/** Common passwords, which attackers try first. The list is local: no request leaves the process, and asking never fails. */
export type PasswordBlocklist = { has(password: Password): boolean }
