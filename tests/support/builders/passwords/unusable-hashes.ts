import type { Passwords } from '../../../../src/ports/driven/passwords/passwords.ts'
import { givenPassword } from '../accounts/given-users.ts'

const SALT = Buffer.from('sixteen bytes !!').toString('base64').replaceAll('=', '')
const OUTPUT = Buffer.alloc(32, 1).toString('base64').replaceAll('=', '')

/** What a database may hold in the place of a hash, and nobody may compute. */
export const UNUSABLE_HASHES = [
  ['nothing', ''],
  ['another text', 'hunter2'],
  ['a hash that was cut', '$argon2id$v=19$m=12288,t=3,p=1$c29tZXNhbHQ'],
  ['4 GiB of memory', `$argon2id$v=19$m=4194304,t=3,p=1$${SALT}$${OUTPUT}`],
  ['more memory than 64 MiB', `$argon2id$v=19$m=65537,t=1,p=1$${SALT}$${OUTPUT}`],
  ['a million passes', `$argon2id$v=19$m=8,t=1000000,p=1$${SALT}$${OUTPUT}`],
  ['too many passes for its memory', `$argon2id$v=19$m=65536,t=5,p=1$${SALT}$${OUTPUT}`],
  ['five lanes', `$argon2id$v=19$m=12288,t=3,p=5$${SALT}$${OUTPUT}`],
  ['sixteen lanes', `$argon2id$v=19$m=12288,t=3,p=16$${SALT}$${OUTPUT}`],
  ['less memory than its lanes need', `$argon2id$v=19$m=8,t=3,p=4$${SALT}$${OUTPUT}`],
  ['no pass', `$argon2id$v=19$m=12288,t=0,p=1$${SALT}$${OUTPUT}`],
  ['negative memory', `$argon2id$v=19$m=-1,t=3,p=1$${SALT}$${OUTPUT}`],
  ['memory past 32 bits', `$argon2id$v=19$m=4294967296,t=3,p=1$${SALT}$${OUTPUT}`],
  ['another algorithm', `$argon2d$v=19$m=12288,t=3,p=1$${SALT}$${OUTPUT}`],
  ['an older version', `$argon2id$v=16$m=12288,t=3,p=1$${SALT}$${OUTPUT}`],
  ['a short salt', `$argon2id$v=19$m=12288,t=3,p=1$YWJj$${OUTPUT}`],
  ['an output of one byte', `$argon2id$v=19$m=12288,t=3,p=1$${SALT}$AQ`],
  ['stray bits', `$argon2id$v=19$m=12288,t=3,p=1$${SALT}$${OUTPUT.slice(0, -1)}F`],
  ['a line break', `$argon2id$v=19$m=12288,t=3,p=1$${SALT}$${OUTPUT}\n`],
  ['bcrypt', '$2b$12$abcdefghijklmnopqrstuuVRfGhIjKlMnOpQrStUvWxYz01234567'],
] as const

type Open = (onVerified: () => void) => Promise<Pick<Passwords, 'isUsable' | 'matches'>>

/** What becomes of a stored text when a password is compared with it, and how many comparisons that took. */
export const judgementOf = async (open: Open, stored: string) => {
  let comparisons = 0
  const passwords = await open(() => {
    comparisons += 1
  })
  const match = await passwords.matches(givenPassword(), stored, null).catch(() => 'a fault')
  return { isUsable: passwords.isUsable(stored), match, comparisons }
}

/** The decoy is compared instead, so that the answer takes as long as any other refusal. */
export const REFUSED_LIKE_A_WRONG_PASSWORD = {
  isUsable: false,
  match: { matches: false, outdated: false },
  comparisons: 1,
}
