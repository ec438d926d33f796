import type { Channel } from '../../../domain/events/user-event.ts'
import { SHARDS } from '../../../domain/events/user-event.ts'
import type { Deliveries } from '../../../ports/driven/events/deliveries.ts'
import type { DeliveryMeasurements } from '../../../ports/driven/events/delivery-measurements.ts'
import type { Leases } from '../../../ports/driven/events/leases.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Monotonic } from '../../../ports/driven/shared/monotonic.ts'
import type { Pause } from '../../../ports/driven/shared/pause.ts'
import { makeAcknowledgeInBatches } from './acknowledge-in-batches.ts'
import type { Bell } from './bell.ts'
import { makeBell } from './bell.ts'
import type { Leg } from './deliver-chain.ts'
import { makeDeliverChain } from './deliver-chain.ts'
import type { RelayChannel } from './relay-channel.ts'
import { makeRelayChannel } from './relay-channel.ts'
import { makeShardOwnership } from './shard-ownership.ts'

type Needs = {
  readonly deliveries: Deliveries
  readonly leases: Leases
  readonly channels: ReadonlyMap<Channel, Leg>
  /** Names this instance among all living ones. */
  readonly instance: string
  /** Sends that take longer are logged one by one. */
  readonly slowMilliseconds: number
  readonly measurements: DeliveryMeasurements
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
  readonly pause: Pause
  readonly chance: () => number
}

export type Relay = {
  /** Begins to deliver. Called once. */
  start(): void
  /** There may be new work. The poll is what guarantees delivery; this only makes it prompt. */
  wake(): void
  /** There may be free shards: another instance has just left. */
  lookForShards(): void
  /** Resolves once what was being sent is settled, its acknowledgements are written and the shards are handed over. */
  stop(): Promise<void>
}

type Running = { readonly channel: RelayChannel; readonly bell: Bell }

/** While there is work the next look comes this soon, else at leisure. */
const HOT_POLL_MILLISECONDS = 15
const IDLE_POLL_MILLISECONDS = 250
const FAULT_PAUSE_MILLISECONDS = 1000
/** Under load one look finds what several commits have left: a look for each would cost more than its event. */
const BETWEEN_LOOKS_MILLISECONDS = 5

/** Moves committed events from the outbox to their channels, in order for each user. */
export const makeRelay = (needs: Needs): Relay => {
  const { pause, monotonic, log } = needs
  const stopping = new AbortController()
  const ownership = makeShardOwnership(needs)
  const acknowledge = makeAcknowledgeInBatches(needs, stopping.signal)
  const channels = [...needs.channels].map(([name, leg]): Running => {
    const bell = makeBell(pause)
    const held = ownership.heldFor(leg.sendSeconds)
    const deliverChain = makeDeliverChain({ ...needs, ...held, leg, acknowledge })
    const channel = makeRelayChannel({ ...needs, held, leg, deliverChain }, name, bell.ring)
    return { channel, bell }
  })
  let loops: Promise<void>[] = []

  const wake = () => {
    for (const { bell } of channels) bell.ring()
  }

  const settle = async (shards: readonly number[]): Promise<void> => {
    await Promise.all(channels.map(({ channel }) => channel.settled(shards)))
  }

  const poll = async (channel: RelayChannel): Promise<number> => {
    try {
      return (await channel.startDue(stopping.signal)) > 0
        ? HOT_POLL_MILLISECONDS
        : IDLE_POLL_MILLISECONDS
    } catch (fault) {
      log('error', 'relay.fault', { during: 'poll' }, fault)
      return FAULT_PAUSE_MILLISECONDS
    }
  }

  const run = async ({ channel, bell }: Running): Promise<void> => {
    while (!stopping.signal.aborted) {
      const lookedAt = monotonic()
      await bell.wait(await poll(channel))
      const early = lookedAt + BETWEEN_LOOKS_MILLISECONDS - monotonic()
      if (early > 0) await pause(early, stopping.signal)
    }
  }

  return {
    wake,
    lookForShards: ownership.lookNow,
    start() {
      loops = [ownership.run(settle, stopping.signal), ...channels.map(run)]
    },
    async stop() {
      stopping.abort()
      wake()
      await Promise.all(loops)
      await settle(ALL_SHARDS)
      if (loops.length > 0) await ownership.leave()
    },
  }
}

const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard)
