import { makeCreateAdmin } from '../../application/administration/create-admin.ts'
import { makeUnlockUser } from '../../application/administration/unlock-user.ts'
import type { CreateAdmin, UnlockUser } from '../../ports/driving/administration/administration.ts'
import type { AccountsRoom } from './accounts.ts'
import type { PasswordsRoom } from './passwords.ts'
import type { Resources } from './resources/open-resources.ts'

export type AdministrationNeeds = {
  readonly resources: Pick<Resources, 'stores' | 'transact' | 'identifiers' | 'clock'>
  readonly passwords: Pick<PasswordsRoom, 'passwords' | 'choosePassword'>
  readonly accounts: Pick<AccountsRoom, 'chooseAnyUsername'>
}

export type AdministrationRoom = {
  readonly createAdmin: CreateAdmin
  readonly unlockUser: UnlockUser
}

export const composeAdministration = ({
  resources,
  passwords,
  accounts,
}: AdministrationNeeds): AdministrationRoom => ({
  createAdmin: makeCreateAdmin({
    ...resources,
    ...passwords,
    chooseUsername: accounts.chooseAnyUsername,
  }),
  unlockUser: makeUnlockUser(resources),
})
