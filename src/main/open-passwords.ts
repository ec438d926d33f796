import { availableParallelism } from 'node:os'
import { ARGON2_PARAMETERS } from '../adapters/crypto/argon2-parameters.ts'
import { makeArgon2Passwords } from '../adapters/crypto/argon2-passwords.ts'
import type { Passwords } from '../ports/driven/passwords/passwords.ts'

/** As many hashes at once as there are processors. */
export const openPasswords = (onVerified: () => void): Promise<Passwords> =>
  makeArgon2Passwords({
    parameters: ARGON2_PARAMETERS,
    inFlight: availableParallelism(),
    onVerified,
  })
