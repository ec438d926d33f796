import type { PasswordBlocklist } from '../../ports/driven/passwords/passwords.ts'
import { COMMON_PASSWORDS } from './common-passwords.generated.ts'

/** The most common passwords, compared without case. */
export const makePasswordBlocklist = (): PasswordBlocklist => {
  const listed = new Set(COMMON_PASSWORDS.trim().split('\n'))
  return { has: (password) => listed.has(password.normalize('NFC').toLowerCase()) }
}
