import type { Password } from '../../../../src/domain/passwords/password.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import type { Passwords } from '../../../../src/ports/driven/passwords/passwords.ts'

export type QuickPasswords = Passwords & {
  readonly hashed: () => number
  readonly verified: () => number
  /** How often a place in the queue was asked for. */
  readonly reservations: () => number
  /** From now on new hashes have other parameters, and the earlier hashes are outdated. */
  readonly strengthen: () => void
  /** Runs the work once, after the next hash or verification and before its answer. */
  readonly beforeNextAnswer: (work: () => Promise<unknown>) => void
  /** The next hash or verification throws this. */
  readonly failNext: (fault: Error) => void
  /** How many calls fit into the queue from now on. */
  readonly leaveRoomFor: (places: number) => void
}

/** A fast fake of `Passwords` that counts calls and lets a test run work between a call and its answer. */
export const quickPasswords = (): QuickPasswords => {
  let salt = 0
  let parameters = 1
  let hashed = 0
  let verified = 0
  let reservations = 0
  let intervene: (() => Promise<unknown>) | null = null
  let fault: Error | null = null
  let places = Number.POSITIVE_INFINITY

  const throwPlanned = () => {
    const planned = fault
    fault = null
    if (planned !== null) throw planned
  }

  const interveneOnce = async () => {
    const work = intervene
    intervene = null
    await work?.()
  }

  return {
    hash: async (password) => {
      throwPlanned()
      hashed += 1
      salt += 1
      const hash = `$quick$p=${parameters}$${salt}$${secretPart(password)}`
      await interveneOnce()
      return hash
    },
    matches: async (password, hash) => {
      throwPlanned()
      verified += 1
      const [, , madeWith, , secret] = (hash ?? '').split('$')
      const matches = secret === secretPart(password)
      const outdated = matches && madeWith !== `p=${parameters}`
      await interveneOnce()
      return { matches, outdated }
    },
    isUsable: (hash) => hash.startsWith('$quick$'),
    reserve: async (_prefix, work) => {
      reservations += 1
      if (places <= 0) throw new Unavailable('the queue is full')
      places -= 1
      try {
        return await work()
      } finally {
        places += 1
      }
    },
    isFull: () => places <= 0,
    leaveRoomFor: (room) => {
      places = room
    },
    hashed: () => hashed,
    verified: () => verified,
    reservations: () => reservations,
    strengthen: () => {
      parameters += 1
    },
    beforeNextAnswer: (work) => {
      intervene = work
    },
    failNext: (planned) => {
      fault = planned
    },
  }
}

const secretPart = (password: Password): string => Buffer.from(password).toString('base64')
