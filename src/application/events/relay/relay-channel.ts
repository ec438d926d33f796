import type { Channel } from '../../../domain/events/user-event.ts'
import { groupByUser, shardOf } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { Deliveries, Delivery } from '../../../ports/driven/events/deliveries.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { ChannelSender } from './channel-sender.ts'
import type { ChainEnd, DeliverChain } from './deliver-chain.ts'
import type { HeldShards } from './shard-ownership.ts'

type Needs = {
  readonly deliveries: Deliveries
  readonly held: HeldShards
  readonly sender: ChannelSender
  readonly deliverChain: DeliverChain
  readonly log: Log
  readonly clock: Clock
}

/** How many users' chains are sent at the same time. */
const IN_FLIGHT = 32
const BATCH = 1024
/** When fewer chains than this wait, more are read, so that the broker is never idle while there is work. */
const FEW = 2 * IN_FLIGHT

export type RelayChannel = {
  /** Reads what is due and takes up a chain for each user who has none yet; answers how many chains. */
  startDue(stopping: AbortSignal): Promise<number>
  /** Resolves when no chain of these shards is left: each was sent and its acknowledgements written, or it never began. */
  settled(shards: readonly number[]): Promise<void>
}

/** Consecutive versions of one user, read while this instance held their shard under the lease of this epoch. */
type Chain = {
  readonly user: UserId
  readonly epoch: number
  readonly versions: readonly Delivery[]
}

/**
 * The chains of one channel. There is at most one chain for each user, so that no version overtakes another. More chains
 * are read than may be sent at once, so that no send waits for the database.
 */
export const makeRelayChannel = (
  { deliveries, held, sender, deliverChain, log, clock }: Needs,
  channel: Channel,
  pollSoon: () => void,
): RelayChannel => {
  const waiting = new Map<UserId, Chain>()
  const running = new Map<UserId, Promise<void>>()
  let sending = 0
  let isMoreDue = false

  const chainsOf = (due: readonly Delivery[]): readonly Chain[] => {
    const chains: Chain[] = []
    for (const [user, versions] of groupByUser(due, ({ event }) => event.userId)) {
      const lease = held.leaseFor(user)
      if (lease !== null) chains.push({ user, epoch: lease.epoch, versions })
    }
    return chains
  }

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
    if (isMoreDue && waiting.size < FEW) pollSoon()
    await written
    running.delete(chain.user)
    // A chain that was broken off waits for the next regular poll. An early poll would take it up and break it off again.
    if (wentOn) pollSoon()
  }

  const startWaiting = (stopping: AbortSignal): void => {
    for (const [user, chain] of waiting) {
      if (sending >= IN_FLIGHT) return
      waiting.delete(user)
      // Another instance may have delivered these versions, and later ones, since they were read.
      if (isStillOurs(chain)) running.set(user, run(chain, stopping))
    }
  }

  return {
    async startDue(stopping) {
      const shards = held.shards()
      if (waiting.size >= FEW || shards.length === 0 || !sender.isReady()) return 0
      const due = await deliveries.due({
        channel,
        shards,
        except: [...waiting.keys(), ...running.keys()],
        limit: BATCH,
        now: clock(),
      })
      isMoreDue = due.length === BATCH
      const chains = chainsOf(due)
      for (const chain of chains) waiting.set(chain.user, chain)
      startWaiting(stopping)
      return chains.length
    },
    async settled(shards) {
      for (const user of waiting.keys()) if (shards.includes(shardOf(user))) waiting.delete(user)
      const theirs = [...running].filter(([user]) => shards.includes(shardOf(user)))
      await Promise.all(theirs.map(([, chain]) => chain))
    },
  }
}
