import type { ShardLease } from '../../../domain/events/shard-lease.ts'
import {
  fairShare,
  LEASE_SECONDS,
  RENEW_SECONDS,
  SAFETY_SECONDS,
} from '../../../domain/events/shard-lease.ts'
import { SHARDS, shardOf } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type { DeliveryMeasurements } from '../../../ports/driven/events/delivery-measurements.ts'
import type { Leases } from '../../../ports/driven/events/leases.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Monotonic } from '../../../ports/driven/shared/monotonic.ts'
import type { Pause } from '../../../ports/driven/shared/pause.ts'
import { makeBell } from './bell.ts'

type Needs = {
  readonly leases: Leases
  /** Unlike that of every other living instance. */
  readonly instance: string
  readonly monotonic: Monotonic
  readonly pause: Pause
  readonly log: Log
  readonly measurements: DeliveryMeasurements
}

/** What deciding who may send needs to know. */
export type HeldShards = {
  /** The shards that may be begun with now; none when renewing has failed for too long. */
  shards(): readonly number[]
  /** The lease under which a message of this user may be sent now; null when there is none, or not for long enough. */
  leaseFor(user: UserId): ShardLease | null
}

export type ShardOwnership = {
  /** For sends that may take so long. */
  heldFor(sendSeconds: number): HeldShards
  /** Calls `settle` with shards that are no longer to be begun with, and hands them back when it resolves. */
  run(settle: (shards: readonly number[]) => Promise<void>, stopping: AbortSignal): Promise<void>
  /** Looks for free shards at once: somebody has just left. */
  lookNow(): void
  /** Frees every shard for the others. Nothing may be in flight any more. */
  leave(): Promise<void>
}

/** Keeps this instance's fair share of the shards, and knows by a monotonic clock how long it may rely on it. */
export const makeShardOwnership = (needs: Needs): ShardOwnership => {
  const { leases, instance, monotonic, pause, log, measurements } = needs
  const bell = makeBell(pause)
  let held = new Map<number, ShardLease>()
  let leaving = new Set<number>()
  let heldUntil = Number.NEGATIVE_INFINITY

  const isSafeFor = (sendSeconds: number) =>
    monotonic() < heldUntil - (sendSeconds + SAFETY_SECONDS) * 1000

  const keep = async (settle: (shards: readonly number[]) => Promise<void>): Promise<number> => {
    // Counted from before the question: the database's ten seconds began later.
    const askedAt = monotonic()
    const holding = await leases.keep(instance)
    const before = held
    held = new Map(holding.held.map((lease) => [lease.shard, lease]))
    heldUntil = askedAt + LEASE_SECONDS * 1000
    const gained = [...held.values()].filter(
      ({ shard, epoch }) => before.get(shard)?.epoch !== epoch,
    )
    measurements.leases(held.size, gained.length)
    if (gained.length > 0)
      log('info', 'relay.shards-taken', { gained: gained.length, held: held.size })
    const surplus = [...held.keys()].slice(fairShare(SHARDS, holding.instances))
    if (surplus.length > 0) await giveUp(surplus, settle)
    return nextLook(holding.nextLapseSeconds)
  }

  const giveUp = async (
    surplus: readonly number[],
    settle: (shards: readonly number[]) => Promise<void>,
  ): Promise<void> => {
    leaving = new Set(surplus)
    await settle(surplus)
    await leases.handBack(instance, surplus)
    for (const shard of surplus) held.delete(shard)
    leaving = new Set()
  }

  return {
    heldFor: (sendSeconds) => ({
      shards: () =>
        isSafeFor(sendSeconds) ? [...held.keys()].filter((shard) => !leaving.has(shard)) : [],
      leaseFor: (user) => {
        const lease = held.get(shardOf(user))
        return lease !== undefined && isSafeFor(sendSeconds) && !leaving.has(lease.shard)
          ? lease
          : null
      },
    }),
    lookNow: bell.ring,
    async run(settle, stopping) {
      stopping.addEventListener('abort', bell.ring)
      while (!stopping.aborted) {
        let wait = RETRY_SECONDS
        try {
          wait = await keep(settle)
        } catch (fault) {
          log('error', 'relay.fault', { during: 'keep leases' }, fault)
        }
        await bell.wait(wait * 1000)
      }
    },
    async leave() {
      held = new Map()
      heldUntil = Number.NEGATIVE_INFINITY
      try {
        await leases.leave(instance)
      } catch (fault) {
        // Without the database they cannot be handed over; they lapse, and a stop must not fail for that.
        log('warn', 'relay.fault', { during: 'leave' }, fault)
      }
    },
  }
}

const RETRY_SECONDS = 0.5
const SOONEST_SECONDS = 0.2

/** A lease that is not renewed is taken over as soon as it lapses. */
const nextLook = (nextLapseSeconds: number | null): number =>
  Math.min(RENEW_SECONDS, Math.max(SOONEST_SECONDS, nextLapseSeconds ?? RENEW_SECONDS))
