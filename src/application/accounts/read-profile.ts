import type { Users } from '../../ports/driven/accounts/users.ts'
import type { ReadProfile } from '../../ports/driving/accounts/accounts.ts'

/** See `ReadProfile`. */
export const makeReadProfile =
  (users: Users): ReadProfile =>
  (caller) =>
    users.find(caller.id)
