import { PublishFailure } from '../../domain/events/publish-failure.ts'
import { LEASE_SECONDS } from '../../domain/events/shard-lease.ts'
import type { DeliveryTime, Interruption } from '../../domain/migration/find-breach.ts'
import { WINDOW } from '../../domain/migration/find-breach.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { ChannelSender } from '../events/relay/channel-sender.ts'

/** What this instance has lately observed on one channel. The rollout guard judges by it. */
export type ChannelJournal = {
  /** The same channel sender, with the outcomes of its deliveries recorded. */
  observe(sender: ChannelSender): ChannelSender
  /** Records whether the channel can be reached now, and whether any delivery waits for it. */
  recordReadiness(isReady: boolean, isWaiting: boolean): void
  /** Records that shards came from another owner. What waited for that says nothing about the channel. */
  recordTakeover(): void
  delivered(): readonly DeliveryTime[]
  interruptions(): readonly Interruption[]
}

/** More deliveries than are judged, because some of them will be left out. */
const KEPT = 2 * WINDOW.most

export const makeChannelJournal = (clock: Clock): ChannelJournal => {
  const delivered: DeliveryTime[] = []
  let past: Interruption[] = []
  let interruptedSince: number | null = null
  const now = () => clock().getTime()

  const beginInterruption = () => {
    interruptedSince ??= now()
  }
  const endInterruption = () => {
    if (interruptedSince === null) return
    past.push({ from: interruptedSince, until: now() })
    interruptedSince = null
    forgetOld()
  }
  const forgetOld = () => {
    const oldest = now() - 2 * WINDOW.seconds * 1000
    past = past.filter(({ until }) => until !== null && until > oldest)
  }

  return {
    observe: (sender) => ({
      ...sender,
      send: async (delivery) => {
        try {
          const receipt = await sender.send(delivery)
          endInterruption()
          // A replay says nothing about how long a change takes.
          if (delivery.replayId === null) {
            const committedAt = delivery.event.occurredAt.getTime()
            delivered.push({ committedAt, acknowledgedAt: now() })
            // Not after every message, because moving the rest of the array costs time.
            if (delivered.length > 2 * KEPT) delivered.splice(0, KEPT)
          }
          return receipt
        } catch (fault) {
          if (fault instanceof PublishFailure && fault.kind === 'retryable') beginInterruption()
          throw fault
        }
      },
    }),
    recordReadiness: (isReady, isWaiting) => {
      if (!isReady) beginInterruption()
      // While deliveries wait, the next success ends the interruption.
      else if (!isWaiting) endInterruption()
    },
    recordTakeover: () => {
      past.push({ from: now() - LEASE_SECONDS * 1000, until: now() })
      forgetOld()
    },
    delivered: () => delivered.slice(-KEPT),
    interruptions: () =>
      interruptedSince === null ? past : [...past, { from: interruptedSince, until: null }],
  }
}
