import type { AccountUseCases } from '../../adapters/http/accounts/account-routes.ts'
import { makeConfusables } from '../../adapters/unicode/confusables.ts'
import type { ChooseUsername } from '../../application/accounts/choose-username.ts'
import { makeChooseUsername } from '../../application/accounts/choose-username.ts'
import { makeDeleteAccount } from '../../application/accounts/delete-account.ts'
import { makeCheckRegistration } from '../../application/accounts/parse-registration.ts'
import { makeReadProfile } from '../../application/accounts/read-profile.ts'
import { makeRegisterUser } from '../../application/accounts/register-user.ts'
import { makeCheckProfile, makeUpdateProfile } from '../../application/accounts/update-profile.ts'
import type { Confusables } from '../../ports/driven/accounts/users.ts'
import type { LimitsRoom } from './limits.ts'
import type { PasswordsRoom } from './passwords.ts'
import type { Resources } from './resources/open-resources.ts'
import type { Tokens } from './resources/open-tokens.ts'
import type { SessionsRoom } from './sessions.ts'

export type AccountsNeeds = {
  readonly resources: Pick<
    Resources,
    'stores' | 'transact' | 'states' | 'identifiers' | 'measurements' | 'clock'
  >
  readonly tokens: Pick<Tokens, 'macs'>
  readonly limits: LimitsRoom
  readonly passwords: Pick<PasswordsRoom, 'passwords' | 'choosePassword'>
  readonly sessions: Pick<SessionsRoom, 'attemptSignIn' | 'createSession' | 'issueTokens'>
}

export type AccountsRoom = AccountUseCases & {
  readonly confusables: Confusables
  readonly chooseUsername: ChooseUsername
  /** For the owner of the installation, who may use reserved names. */
  readonly chooseAnyUsername: ChooseUsername
}

export const composeAccounts = ({
  resources,
  tokens,
  limits,
  passwords,
  sessions,
}: AccountsNeeds): AccountsRoom => {
  const { users } = resources.stores
  const confusables = makeConfusables()
  const chooseUsername = makeChooseUsername(confusables)
  return {
    confusables,
    chooseUsername,
    chooseAnyUsername: makeChooseUsername(confusables, []),
    registerUser: makeRegisterUser({
      ...resources,
      ...tokens,
      ...limits,
      ...passwords,
      ...sessions,
      chooseUsername,
    }),
    checkRegistration: makeCheckRegistration({ ...passwords, chooseUsername }),
    readProfile: makeReadProfile(users),
    updateProfile: makeUpdateProfile({
      ...resources,
      ...limits,
      users,
      chooseUsername,
      confusables,
    }),
    checkProfile: makeCheckProfile({ chooseUsername }),
    deleteAccount: makeDeleteAccount(resources),
  }
}
