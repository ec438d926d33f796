import type { Users } from '../../ports/driven/accounts/users.ts'
import type { ReadProfile } from '../../ports/driving/accounts/accounts.ts'

/** See `ReadProfile`. It adds to `Users.find` that a caller reads no account but the own one. */
export const makeReadProfile =
  (users: Users): ReadProfile =>
  (caller) =>
    users.find(caller.id)
