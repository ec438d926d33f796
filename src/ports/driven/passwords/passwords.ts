import type { Password } from '../../../domain/passwords/password.ts'

export type PasswordMatch = { readonly matches: boolean; readonly outdated: boolean }

/**
 * Hashes with a bounded queue before it.
 * @throws Unavailable when the queue is full, or a place in it was not reached within 2 s.
 */
export type Passwords = {
  /** A PHC string with a salt of its own. */
  hash(password: Password): Promise<string>
  /**
   * Takes as long for null as for a real hash, so that time does not tell whether there is an account.
   * `outdated`: it matches, but was made with other parameters than today's.
   */
  matches(password: Password, hash: string | null): Promise<PasswordMatch>
  /**
   * Runs work that does something else before it hashes, while not more of it runs than may hash and wait together.
   * @throws Unavailable at once beyond that: nothing was begun, so nothing is wasted, and no attempt of the caller.
   */
  reserve<T>(work: () => Promise<T>): Promise<T>
  /** Whether whoever came now would be refused. */
  isFull(): boolean
}
