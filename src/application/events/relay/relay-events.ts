import type { Channel } from '../../../domain/events/user-event.ts'
import { SHARDS } from '../../../domain/events/user-event.ts'
import type {
  Acknowledgement,
  CommittedEvent,
  Deliveries,
} from '../../../ports/driven/events/deliveries.ts'
import type { DeliveryMeasurements } from '../../../ports/driven/events/delivery-measurements.ts'
import type { Leases } from '../../../ports/driven/events/leases.ts'
import type { Clock, Monotonic, Pause } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { ChannelSender } from './channel-sender.ts'
import type { Acknowledge } from './deliver-chain.ts'
import { makeDeliverChain } from './deliver-chain.ts'
import type { RelayChannel } from './relay-channel.ts'
import { makeRelayChannel } from './relay-channel.ts'
import { makeShardOwnership } from './shard-ownership.ts'
import type { WakeSignal } from './wake-signal.ts'
import { makeWakeSignal } from './wake-signal.ts'

type Needs = {
  readonly deliveries: Deliveries
  readonly leases: Leases
  readonly channels: ReadonlyMap<Channel, ChannelSender>
  /** A name for this instance that no other living instance has. */
  readonly instance: string
  /** A send that takes longer than this is logged. */
  readonly slowMilliseconds: number
  readonly measurements: DeliveryMeasurements
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
  readonly pause: Pause
  readonly chance: () => number
  /** True while no request needs the database. Until then a backlog leaves room for requests. */
  readonly isQuiet: () => boolean
}

export type Relay = {
  /** Starts to deliver. Called once. */
  start(): void
  /** There may be new work. The regular poll guarantees delivery; this call only makes it prompt. */
  wake(): void
  /**
   * Delivers an event that this instance has just committed, mostly without reading it again. False when another instance
   * delivers the user's events, and has to be told.
   */
  deliver(committed: CommittedEvent): boolean
  /** There may be free shards, because another instance has just left. */
  lookForShards(): void
  /** Resolves once what was being sent is settled, its acknowledgements are written and the shards are handed over. */
  stop(): Promise<void>
}

type Running = { readonly channel: RelayChannel; readonly signal: WakeSignal }

/** The wait before the next poll: while there is work, while there is none, and after a fault. */
const BUSY_POLL_MILLISECONDS = 15
const IDLE_POLL_MILLISECONDS = 250
const FAULT_PAUSE_MILLISECONDS = 1000
/** The least time between two polls. Under load one poll finds several commits; a poll for each would cost too much. */
const LEAST_POLL_MILLISECONDS = 5
const HELD_BACK_POLL_MILLISECONDS = 50

const ALL_SHARDS = Array.from({ length: SHARDS }, (_, shard) => shard)

/** Moves committed events from the outbox to their channels, in order for each user. */
export const makeRelay = (needs: Needs): Relay => {
  const { pause, monotonic, log } = needs
  const stopping = new AbortController()
  const ownership = makeShardOwnership(needs)
  const acknowledge = makeAcknowledgeInBatches(needs, stopping.signal)
  const channels = [...needs.channels].map(([name, sender]): Running => {
    const signal = makeWakeSignal(pause)
    const held = ownership.heldFor(sender.sendSeconds)
    const deliverChain = makeDeliverChain({ ...needs, ...held, sender, acknowledge })
    const channel = makeRelayChannel(
      { ...needs, held, sender, deliverChain },
      name,
      signal.wake,
      stopping.signal,
    )
    return { channel, signal }
  })
  let loops: Promise<void>[] = []

  const { leaseFor } = ownership.heldFor(0)

  const wake = () => {
    for (const { channel } of channels) channel.expectMore()
  }

  const deliver = (committed: CommittedEvent): boolean => {
    for (const { channel } of channels) if (!channel.take(committed)) channel.expectMore()
    return leaseFor(committed.event.userId) !== null
  }

  const settle = async (shards: readonly number[]): Promise<void> => {
    await Promise.all(channels.map(({ channel }) => channel.settled(shards)))
  }

  const poll = async (channel: RelayChannel): Promise<number> => {
    try {
      return (await channel.startDue()) > 0 ? BUSY_POLL_MILLISECONDS : IDLE_POLL_MILLISECONDS
    } catch (fault) {
      log('error', 'relay.fault', { during: 'poll' }, fault)
      return FAULT_PAUSE_MILLISECONDS
    }
  }

  const run = async ({ channel, signal }: Running): Promise<void> => {
    while (!stopping.signal.aborted) {
      const polledAt = monotonic()
      await signal.wait(await poll(channel))
      const least = channel.isHoldingBack() ? HELD_BACK_POLL_MILLISECONDS : LEAST_POLL_MILLISECONDS
      const early = polledAt + least - monotonic()
      if (early > 0) await pause(early, stopping.signal)
    }
  }

  return {
    wake,
    deliver,
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

type Waiting = { readonly acknowledgement: Acknowledgement; readonly written: () => void }

const BATCH = 256
const BATCH_AMONG_REQUESTS = 64
const RETRY_MILLISECONDS = 500
/** Each write is a commit, and a database can do fewer commits than anything else. No delivery waits for it. */
const COLLECT_MILLISECONDS = 40

/**
 * Writes acknowledgements in batches: what arrives within 40 ms, or during the write before, is one batch. An
 * acknowledgement that is never written does no harm: the same message id is sent again.
 */
const makeAcknowledgeInBatches = (
  { deliveries, pause, log, isQuiet }: Pick<Needs, 'deliveries' | 'pause' | 'log' | 'isQuiet'>,
  stopping: AbortSignal,
): Acknowledge => {
  const queue: Waiting[] = []
  let writing = false

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    for (;;) {
      try {
        await deliveries.acknowledge(batch.map(({ acknowledgement }) => acknowledgement))
        return
      } catch (fault) {
        log('error', 'relay.fault', { during: 'acknowledge' }, fault)
        if (stopping.aborted) return
        await pause(RETRY_MILLISECONDS, stopping)
      }
    }
  }

  const drain = async (): Promise<void> => {
    writing = true
    while (queue.length > 0) {
      const most = isQuiet() ? BATCH : BATCH_AMONG_REQUESTS
      if (queue.length < most) await pause(COLLECT_MILLISECONDS, stopping)
      const batch = queue.splice(0, most)
      await write(batch)
      for (const { written } of batch) written()
    }
    writing = false
  }

  return (acknowledgement) =>
    new Promise((written) => {
      queue.push({ acknowledgement, written })
      if (!writing) void drain()
    })
}
