import type { PasswordBlocklist } from '../../ports/driven/passwords/password-blocklist.ts'
import { COMMON_PASSWORDS } from './common-passwords.generated.ts'

/** The commonest passwords, whatever the case of their letters. */
export const makePasswordBlocklist = (): PasswordBlocklist => {
  const listed = new Set(COMMON_PASSWORDS.trim().split('\n'))
  return { has: (password) => listed.has(password.normalize('NFC').toLowerCase()) }
}
