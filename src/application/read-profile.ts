import type { Users } from '../ports/driven/users.ts'
import type { ReadProfile } from '../ports/driving/accounts.ts'

/** See `ReadProfile`. */
export const makeReadProfile =
  (users: Users): ReadProfile =>
  (caller) =>
    users.find(caller.id)
