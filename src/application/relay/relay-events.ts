import type { Channel } from '../../domain/user-event.ts'
import type { Clock } from '../../ports/driven/clock.ts'
import type { Deliveries } from '../../ports/driven/deliveries.ts'
import type { Log } from '../../ports/driven/log.ts'
import type { Measurements } from '../../ports/driven/measurements.ts'
import type { Pause } from '../../ports/driven/pause.ts'
import { makeAcknowledgeInBatches } from './acknowledge-in-batches.ts'
import type { Bell } from './bell.ts'
import { makeBell } from './bell.ts'
import type { Send } from './deliver-chain.ts'
import { makeDeliverChain } from './deliver-chain.ts'
import type { RelayChannel } from './relay-channel.ts'
import { makeRelayChannel } from './relay-channel.ts'

type Needs = {
  readonly deliveries: Deliveries
  readonly channels: ReadonlyMap<Channel, Send>
  readonly measurements: Measurements
  readonly log: Log
  readonly clock: Clock
  readonly pause: Pause
  readonly chance: () => number
}

export type Relay = {
  /** Begins to deliver. Called once. */
  start(): void
  /** There may be new work. The poll is what guarantees delivery; this only makes it prompt. */
  wake(): void
  /** Resolves once what was being sent is settled and its acknowledgements are written. */
  stop(): Promise<void>
}

type Leg = { readonly name: Channel; readonly send: Send; readonly bell: Bell }

/** While there is work the next look comes this soon, else at leisure. */
const HOT_POLL_MILLISECONDS = 15
const IDLE_POLL_MILLISECONDS = 250
const FAULT_PAUSE_MILLISECONDS = 1000

/** Moves committed events from the outbox to their channels, in order for each user. */
export const makeRelay = (needs: Needs): Relay => {
  const { channels, pause, log } = needs
  const stopping = new AbortController()
  const legs = [...channels].map(([name, send]) => ({ name, send, bell: makeBell(pause) }))
  let loops: Promise<void>[] = []
  const wake = () => {
    for (const { bell } of legs) bell.ring()
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

  const run = async ({ name, send, bell }: Leg): Promise<void> => {
    const acknowledge = makeAcknowledgeInBatches(needs, stopping.signal)
    const deliverChain = makeDeliverChain({ ...needs, send, acknowledge })
    const channel = makeRelayChannel({ ...needs, deliverChain }, name, bell.ring)
    while (!stopping.signal.aborted) await bell.wait(await poll(channel))
    await channel.settled()
  }

  return {
    wake,
    start() {
      loops = legs.map(run)
    },
    async stop() {
      stopping.abort()
      wake()
      await Promise.all(loops)
    },
  }
}
