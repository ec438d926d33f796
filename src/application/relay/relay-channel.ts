import type { UserId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/user-event.ts'
import { shardOf } from '../../domain/user-event.ts'
import type { Clock } from '../../ports/driven/clock.ts'
import type { Deliveries, Delivery } from '../../ports/driven/deliveries.ts'
import type { Log } from '../../ports/driven/log.ts'
import type { DeliverChain, Leg } from './deliver-chain.ts'
import type { ShardOwnership } from './shard-ownership.ts'

type Needs = {
  readonly deliveries: Deliveries
  readonly ownership: Pick<ShardOwnership, 'shards'>
  readonly leg: Leg
  readonly deliverChain: DeliverChain
  readonly log: Log
  readonly clock: Clock
}

/** How many users' chains run side by side. */
const IN_FLIGHT = 32
const BATCH = 256

export type RelayChannel = {
  /** Starts a chain for each user who has something due and none running; answers how many. */
  startDue(stopping: AbortSignal): Promise<number>
  /** Resolves when every chain of these shards that was started has ended. */
  settled(shards: readonly number[]): Promise<void>
}

/** The chains of one channel: at most one a user, so that nobody's versions overtake each other. */
export const makeRelayChannel = (
  { deliveries, ownership, leg, deliverChain, log, clock }: Needs,
  channel: Channel,
  onChainEnd: () => void,
): RelayChannel => {
  const running = new Map<UserId, Promise<void>>()

  const run = async (
    user: UserId,
    chain: readonly Delivery[],
    stopping: AbortSignal,
  ): Promise<void> => {
    const wentOn = await deliverChain(chain, stopping).catch((fault: unknown) => {
      log('error', 'relay.fault', { during: 'deliver', channel }, fault)
      return false
    })
    running.delete(user)
    // A chain that was broken off waits for the next poll, or it would be taken up and broken off without end.
    if (wentOn) onChainEnd()
  }

  return {
    async startDue(stopping) {
      const shards = ownership.shards()
      if (running.size >= IN_FLIGHT || shards.length === 0 || !leg.isReady()) return 0
      const due = await deliveries.due({
        ...{ channel, shards, except: [...running.keys()] },
        ...{ limit: BATCH, now: clock() },
      })
      const started = [...chainsByUser(due)].slice(0, IN_FLIGHT - running.size)
      for (const [user, chain] of started) running.set(user, run(user, chain, stopping))
      return started.length
    },
    settled: async (shards) => {
      const theirs = [...running].filter(([user]) => shards.includes(shardOf(user)))
      await Promise.all(theirs.map(([, chain]) => chain))
    },
  }
}

const chainsByUser = (due: readonly Delivery[]): Map<UserId, Delivery[]> => {
  const chains = new Map<UserId, Delivery[]>()
  for (const delivery of due) {
    const { userId } = delivery.event
    const chain = chains.get(userId)
    if (chain === undefined) chains.set(userId, [delivery])
    else chain.push(delivery)
  }
  return chains
}
