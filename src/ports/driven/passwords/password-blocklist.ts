import type { Password } from '../../../domain/passwords/password.ts'

/** Passwords that guessers try first. Kept locally: asking never fails and tells nobody. */
export type PasswordBlocklist = { has(password: Password): boolean }
