import { PublishFailure } from '../../domain/events/publish-failure.ts'
import { LEASE_SECONDS } from '../../domain/events/shard-lease.ts'
import type { Delivered, Interruption } from '../../domain/migration/rollout-guard.ts'
import { WINDOW } from '../../domain/migration/rollout-guard.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type { ChannelSender } from '../events/relay/channel-sender.ts'

/** What one leg of this instance went through lately. */
export type LegJournal = {
  /** The same leg, with its outcomes written down. */
  observe(leg: ChannelSender): ChannelSender
  /** Whether it could be used just now, and whether anything waits for that. */
  looked(isReady: boolean, isWaiting: boolean): void
  /** What waited for an owner of its shard until now says nothing about the leg. */
  tookOver(): void
  delivered(): readonly Delivered[]
  interruptions(): readonly Interruption[]
}

/** Some say nothing, so more are kept than are looked at. */
const KEPT = 2 * WINDOW.most

export const makeLegJournal = (clock: Clock): LegJournal => {
  const delivered: Delivered[] = []
  let past: Interruption[] = []
  let since: number | null = null
  const now = () => clock().getTime()

  const begin = () => {
    since ??= now()
  }
  const end = () => {
    if (since === null) return
    past.push({ from: since, until: now() })
    since = null
    forgetOld()
  }
  const forgetOld = () => {
    const oldest = now() - 2 * WINDOW.seconds * 1000
    past = past.filter(({ until }) => until !== null && until > oldest)
  }

  return {
    observe: (leg) => ({
      ...leg,
      send: async (delivery) => {
        try {
          const receipt = await leg.send(delivery)
          end()
          // A replay says nothing about how long a change takes.
          if (delivery.replayId === null) {
            const committedAt = delivery.event.occurredAt.getTime()
            delivered.push({ committedAt, acknowledgedAt: now() })
            // Now and then, since this is once a message.
            if (delivered.length > 2 * KEPT) delivered.splice(0, KEPT)
          }
          return receipt
        } catch (fault) {
          if (fault instanceof PublishFailure && fault.kind === 'retryable') begin()
          throw fault
        }
      },
    }),
    looked: (isReady, isWaiting) => {
      if (!isReady) begin()
      // Otherwise it is the next success that ends it.
      else if (!isWaiting) end()
    },
    tookOver: () => {
      past.push({ from: now() - LEASE_SECONDS * 1000, until: now() })
      forgetOld()
    },
    delivered: () => delivered.slice(-KEPT),
    interruptions: () => (since === null ? past : [...past, { from: since, until: null }]),
  }
}
