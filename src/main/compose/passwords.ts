import { availableParallelism } from 'node:os'
import { ARGON2_PARAMETERS } from '../../adapters/crypto/argon2-parameters.ts'
import { makeArgon2Passwords } from '../../adapters/crypto/argon2-passwords.ts'
import type { PasswordUseCases } from '../../adapters/http/passwords/password-routes.ts'
import { makePasswordBlocklist } from '../../adapters/passwords/password-blocklist.ts'
import {
  makeChangePassword,
  makeCheckNewPassword,
} from '../../application/passwords/change-password.ts'
import type { ChoosePassword } from '../../application/passwords/choose-password.ts'
import {
  makeChoosePassword,
  makeReadPasswordRules,
} from '../../application/passwords/choose-password.ts'
import type { ConfirmPassword } from '../../application/passwords/confirm-password.ts'
import { makeConfirmPassword } from '../../application/passwords/confirm-password.ts'
import type { PasswordBlocklist, Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { LimitsRoom } from './limits.ts'
import type { Resources } from './resources/open-resources.ts'

export type PasswordsNeeds = {
  readonly resources: Pick<Resources, 'stores' | 'transact' | 'states' | 'clock'>
  readonly limits: LimitsRoom
  readonly hashing: PasswordHashing
}

export type PasswordsRoom = PasswordUseCases & {
  readonly passwords: Passwords
  readonly choosePassword: ChoosePassword
  readonly confirmPassword: ConfirmPassword
}

/** How passwords are hashed, and which are accepted. */
type PasswordHashing = {
  readonly passwords: Passwords
  readonly blocklist: PasswordBlocklist
  /** In code points. */
  readonly minimumLength: number
  /** The names of the service. A password made of one of them is refused, because it is easy to guess. */
  readonly serviceNames: readonly string[]
}

export const composePasswords = ({ resources, limits, hashing }: PasswordsNeeds): PasswordsRoom => {
  const needs = { ...resources, ...limits, passwords: hashing.passwords }
  const choosePassword = makeChoosePassword(hashing)
  const confirmPassword = makeConfirmPassword(needs)
  return {
    passwords: hashing.passwords,
    choosePassword,
    confirmPassword,
    checkNewPassword: makeCheckNewPassword({ ...needs, choosePassword }),
    readPasswordRules: makeReadPasswordRules(hashing),
    changePassword: makeChangePassword({ ...needs, choosePassword, confirmPassword }),
  }
}

/** Argon2id, with as many hashes at once as there are processors. */
export const openHashing = async ({
  config,
  metrics,
}: Pick<Resources, 'config' | 'metrics'>): Promise<PasswordHashing> => ({
  passwords: await makeArgon2Passwords({
    parameters: ARGON2_PARAMETERS,
    inFlight: availableParallelism(),
    onVerified: metrics.hashVerified,
  }),
  blocklist: makePasswordBlocklist(),
  minimumLength: config.passwordMinimum,
  serviceNames: ['auth-service', new URL(config.publicUrl).hostname],
})
