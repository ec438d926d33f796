import type { Channel } from '../../../domain/events/user-event.ts'
import { shardOf } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Deliveries, Delivery } from '../../../ports/driven/events/deliveries.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { ChainEnd, DeliverChain, Leg } from './deliver-chain.ts'
import type { HeldShards } from './shard-ownership.ts'

type Needs = {
  readonly deliveries: Deliveries
  readonly held: HeldShards
  readonly leg: Leg
  readonly deliverChain: DeliverChain
  readonly log: Log
  readonly clock: Clock
}

/** How many users' chains run side by side. */
const IN_FLIGHT = 32
const BATCH = 1024
/** With fewer chains waiting, more are read, so that there are some when these are gone. */
const FEW = 2 * IN_FLIGHT

export type RelayChannel = {
  /** Takes up a chain for each user who has something due and none taken up; answers how many. */
  startDue(stopping: AbortSignal): Promise<number>
  /** Resolves when of every chain of these shards nothing is left: sent and written, or never begun. */
  settled(shards: readonly number[]): Promise<void>
}

/** Consecutive versions of one user, read while this instance held the shard for the `epoch`th time. */
type Chain = {
  readonly user: UserId
  readonly epoch: number
  readonly versions: Delivery[]
}

/**
 * The chains of one channel: at most one a user, so that nobody's versions overtake each other. More are read than may
 * run, so that nothing waits for the database while the broker has room.
 */
export const makeRelayChannel = (
  { deliveries, held, leg, deliverChain, log, clock }: Needs,
  channel: Channel,
  lookAgain: () => void,
): RelayChannel => {
  const waiting = new Map<UserId, Chain>()
  const running = new Map<UserId, Promise<void>>()
  let sending = 0
  let isMoreDue = false

  const isStillOurs = ({ user, epoch }: Chain) => held.leaseFor(user)?.epoch === epoch

  const send = async ({ versions }: Chain, stopping: AbortSignal): Promise<ChainEnd> => {
    sending += 1
    try {
      return await deliverChain(versions, stopping)
    } catch (fault) {
      log('error', 'relay.fault', { during: 'deliver', channel }, fault)
      return { wentOn: false, written: Promise.resolve() }
    } finally {
      sending -= 1
    }
  }

  const run = async (chain: Chain, stopping: AbortSignal): Promise<void> => {
    const { wentOn, written } = await send(chain, stopping)
    startWaiting(stopping)
    if (isMoreDue && waiting.size < FEW) lookAgain()
    await written
    running.delete(chain.user)
    // A chain that was broken off waits for the next poll, or it would be taken up and broken off without end.
    if (wentOn) lookAgain()
  }

  const startWaiting = (stopping: AbortSignal): void => {
    for (const [user, chain] of waiting) {
      if (sending >= IN_FLIGHT) return
      waiting.delete(user)
      // Another may have delivered all this, and more, since it was read.
      if (isStillOurs(chain)) running.set(user, run(chain, stopping))
    }
  }

  return {
    async startDue(stopping) {
      const shards = held.shards()
      if (waiting.size >= FEW || shards.length === 0 || !leg.isReady()) return 0
      const due = await deliveries.due({
        ...{ channel, shards, except: [...waiting.keys(), ...running.keys()] },
        ...{ limit: BATCH, now: clock() },
      })
      isMoreDue = due.length === BATCH
      const chains = chainsOf(due, (user) => held.leaseFor(user)?.epoch ?? null)
      for (const chain of chains) waiting.set(chain.user, chain)
      startWaiting(stopping)
      return chains.length
    },
    settled: async (shards) => {
      for (const user of waiting.keys()) if (shards.includes(shardOf(user))) waiting.delete(user)
      const theirs = [...running].filter(([user]) => shards.includes(shardOf(user)))
      await Promise.all(theirs.map(([, chain]) => chain))
    },
  }
}

/** One for each user whose shard is held. */
const chainsOf = (
  due: readonly Delivery[],
  epochFor: (user: UserId) => number | null,
): readonly Chain[] => {
  const chains = new Map<UserId, Chain>()
  for (const delivery of due) {
    const user = delivery.event.userId
    const known = chains.get(user)
    if (known !== undefined) known.versions.push(delivery)
    else {
      const epoch = epochFor(user)
      if (epoch !== null) chains.set(user, { user, epoch, versions: [delivery] })
    }
  }
  return [...chains.values()]
}
