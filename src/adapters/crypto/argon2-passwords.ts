import { randomBytes } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'
import type { Password } from '../../domain/passwords/password.ts'
import type { AddressPrefix } from '../../domain/shared/address-prefix.ts'
import { siteOf } from '../../domain/shared/address-prefix.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { PasswordMatch, Passwords } from '../../ports/driven/passwords/passwords.ts'
import type { Argon2Parameters } from './argon2-parameters.ts'
import { assertStrongEnough, parsePhc, phcPrefix } from './argon2-parameters.ts'
import type { QueueClient } from './hash-queue.ts'
import { makeHashQueue, makePlaces } from './hash-queue.ts'
import { makeHashThreadsGiveWay } from './hash-threads.ts'
import { makeTimingEqualizer } from './timing-equalizer.ts'

export type Argon2Needs = {
  readonly parameters: Argon2Parameters
  /** How many hashes run at once: the number of cores, because each hash uses one core fully. */
  readonly inFlight: number
  readonly waiting?: number
  readonly waitSeconds?: number
  /** Called for each password that was compared with a hash, the decoy hash included. */
  readonly onVerified?: () => void
}

/** One client may hold this part of the waiting places. */
const SHARE_OF_A_CLIENT = 1 / 4

/**
 * Passwords hashed with argon2id (RFC 9106).
 * @throws Error for parameters that are weaker than OWASP's table.
 */
export const makeArgon2Passwords = async (needs: Argon2Needs): Promise<Passwords> => {
  const { parameters, inFlight, waiting = 64, waitSeconds = 2, onVerified } = needs
  assertStrongEnough(parameters)
  const waitingPerClient = Math.max(1, Math.floor(waiting * SHARE_OF_A_CLIENT))
  const hashes = makeHashQueue({ inFlight, waiting, waitingPerClient, waitSeconds })
  const reservations = makePlaces({
    total: inFlight + waiting,
    perClient: inFlight + waitingPerClient,
  })
  const options = {
    memoryCost: parameters.memoryKiB,
    timeCost: parameters.iterations,
    parallelism: parameters.parallelism,
  }
  // As many at once as later, so that all threads exist.
  const [decoy = ''] = await Promise.all(
    Array.from({ length: inFlight }, () => hash(randomBytes(32), options)),
  )
  makeHashThreadsGiveWay()
  const equalizer = makeTimingEqualizer(parameters)

  /** A hash with cheaper parameters of the past would answer sooner than the decoy, and so tell that the account exists. */
  const equalize = async (
    { memoryKiB, iterations }: Argon2Parameters,
    password: Password,
    startedAt: number,
  ): Promise<void> => {
    const extra = equalizer.extraHash({ memoryKiB, iterations })
    if (extra !== null)
      await hash(password, {
        ...options,
        memoryCost: extra.memoryKiB,
        timeCost: extra.iterations,
      })
    equalizer.equalizedTook({ memoryKiB, iterations }, performance.now() - startedAt)
  }

  const compare = async (password: Password, stored: string | null): Promise<PasswordMatch> => {
    const startedAt = performance.now()
    const parsed = stored === null ? null : parsePhc(stored)
    const usable = parsed === null ? null : stored
    const same = await verify(usable ?? decoy, password)
    onVerified?.()
    const matches = same && usable !== null
    const outdated = usable !== null && !usable.startsWith(phcPrefix(parameters))
    if (!outdated || parsed === null) equalizer.comparisonTook(performance.now() - startedAt)
    else if (!matches) await equalize(parsed, password, startedAt)
    return { matches, outdated: matches && outdated }
  }

  return {
    hash: (password, prefix) => hashes.run(clientOf(prefix), () => hash(password, options)),
    matches: (password, stored, prefix) =>
      hashes.run(clientOf(prefix), () => compare(password, stored)),
    isUsable: (stored) => parsePhc(stored) !== null,
    reserve: async (prefix, work) => {
      const client = clientOf(prefix)
      // Other callers hash without a reservation. When they fill the queue, a reservation would find no place in it.
      if (hashes.isFull(client)) throw new Unavailable('the hash queue is full', 1)
      const free = reservations.take(client)
      try {
        return await work()
      } finally {
        free()
      }
    },
    isFull: (prefix) => {
      const client = clientOf(prefix)
      return reservations.isFull(client) || hashes.isFull(client)
    },
  }
}

// A customer with an IPv6 /48 has 65 536 prefixes, so the share belongs to the /48.
const clientOf = (prefix: AddressPrefix | null): QueueClient =>
  prefix === null ? null : siteOf(prefix)
