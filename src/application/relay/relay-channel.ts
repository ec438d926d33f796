import type { UserId } from '../../domain/ids.ts'
import type { Channel } from '../../domain/user-event.ts'
import type { Clock } from '../../ports/driven/clock.ts'
import type { Deliveries, Delivery } from '../../ports/driven/deliveries.ts'
import type { Log } from '../../ports/driven/log.ts'
import type { DeliverChain } from './deliver-chain.ts'

type Needs = {
  readonly deliveries: Deliveries
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
  /** Resolves when every chain that was started has ended. */
  settled(): Promise<void>
}

/** The chains of one channel: at most one a user, so that nobody's versions overtake each other. */
export const makeRelayChannel = (
  { deliveries, deliverChain, log, clock }: Needs,
  channel: Channel,
  onChainEnd: () => void,
): RelayChannel => {
  const running = new Map<UserId, Promise<void>>()

  const run = async (
    user: UserId,
    chain: readonly Delivery[],
    stopping: AbortSignal,
  ): Promise<void> => {
    const fault = await deliverChain(chain, stopping).catch((cause: unknown) => ({ cause }))
    running.delete(user)
    if (fault) log('error', 'relay.fault', { during: 'deliver', channel }, fault.cause)
    else onChainEnd()
  }

  return {
    async startDue(stopping) {
      if (running.size >= IN_FLIGHT) return 0
      const chains = chainsByUser(await deliveries.due(channel, BATCH, clock()))
      const free = [...chains].filter(([user]) => !running.has(user))
      const started = free.slice(0, IN_FLIGHT - running.size)
      for (const [user, chain] of started) running.set(user, run(user, chain, stopping))
      return started.length
    },
    settled: async () => {
      await Promise.all(running.values())
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
