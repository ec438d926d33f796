import { randomBytes } from 'node:crypto'
import { hash, parseOptions, verify } from '@node-rs/argon2'
import type { Password } from '../../domain/passwords/password.ts'
import type { PasswordMatch, Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { Argon2Parameters } from './argon2-parameters.ts'
import { assertStrongEnough, phcPrefix } from './argon2-parameters.ts'
import { makeGate } from './hash-queue.ts'
import { makeFiller } from './timing-equalizer.ts'

export type Argon2Needs = {
  readonly parameters: Argon2Parameters
  /** Hashes that run at once: as many as there are cores, for each fills one. */
  readonly inFlight: number
  readonly waiting?: number
  readonly waitSeconds?: number
  /** Told of each password that was compared with a hash, the decoy included. */
  readonly onVerified?: () => void
}

/**
 * argon2id (RFC 9106).
 * @throws Error for parameters under OWASP's table.
 */
export const makeArgon2Passwords = async (needs: Argon2Needs): Promise<Passwords> => {
  const { parameters, inFlight, waiting = 64, waitSeconds = 2, onVerified } = needs
  assertStrongEnough(parameters)
  const gate = makeGate({ inFlight, waiting, waitSeconds })
  const room = makeGate({ inFlight: inFlight + waiting, waiting: 0, waitSeconds: 0 })
  const options = {
    memoryCost: parameters.memoryKiB,
    timeCost: parameters.iterations,
    parallelism: parameters.parallelism,
  }
  const decoy = await hash(randomBytes(32), options)

  const filler = makeFiller(parameters)

  /** A hash with cheaper parameters of the past would answer sooner than the decoy, and so tell of an account. */
  const makeUpFor = async (stored: string, password: Password, began: number): Promise<void> => {
    const { memoryCost: memoryKiB, timeCost: iterations } = parseOptions(stored)
    const fill = filler.between({ memoryKiB, iterations })
    if (fill !== null)
      await hash(password, {
        ...options,
        memoryCost: fill.memoryKiB,
        timeCost: fill.iterations,
      })
    filler.filled({ memoryKiB, iterations }, performance.now() - began)
  }

  const compare = async (password: Password, stored: string | null): Promise<PasswordMatch> => {
    const began = performance.now()
    const same = await verify(stored ?? decoy, password)
    onVerified?.()
    const matches = same && stored !== null
    const outdated = stored !== null && !stored.startsWith(phcPrefix(parameters))
    if (!outdated) filler.compared(performance.now() - began)
    else if (!matches) await makeUpFor(stored, password, began)
    return { matches, outdated: matches && outdated }
  }

  return {
    hash: (password) => gate.pass(() => hash(password, options)),
    matches: (password, stored) => gate.pass(() => compare(password, stored)),
    reserve: async (work) => {
      // Others hash without a reservation, and whoever came in now would find no place behind them.
      gate.assertRoom()
      return room.pass(work)
    },
    isFull: () => room.isFull() || gate.isFull(),
  }
}
