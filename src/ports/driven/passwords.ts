import type { Password } from '../../domain/password.ts'

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
  /** Whether the queue is full: who asks before other work wastes none of it, and no attempt of the caller. */
  isFull(): boolean
}
