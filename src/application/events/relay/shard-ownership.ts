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
import type { Monotonic, Pause } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import { makeWakeSignal } from './wake-signal.ts'

type Needs = {
  readonly leases: Leases
  /** A name for this instance that no other living instance has. */
  readonly instance: string
  readonly monotonic: Monotonic
  readonly pause: Pause
  readonly log: Log
  readonly measurements: DeliveryMeasurements
}

/** The shards that this instance may deliver. */
export type HeldShards = {
  /** The shards whose deliveries may start now; none when the leases could not be renewed for too long. */
  shards(): readonly number[]
  /** The lease under which a message of this user may be sent now; null when there is none, or it ends too soon. */
  leaseFor(user: UserId): ShardLease | null
  /** The same, unless the shard was taken later than this instant, in monotonic milliseconds. */
  leaseSince(user: UserId, instant: number): ShardLease | null
}

/** A lease, and since when this instance has surely had it without a break, in monotonic milliseconds. */
type Held = { readonly lease: ShardLease; readonly since: number }

export type ShardOwnership = {
  /** The same for a channel on which one send may take `sendSeconds`. */
  heldFor(sendSeconds: number): HeldShards
  /** Calls `settle` with the shards that it gives to others, and hands them back when `settle` resolves. */
  run(settle: (shards: readonly number[]) => Promise<void>, stopping: AbortSignal): Promise<void>
  /** Looks for free shards at once, because another instance has just left. */
  lookNow(): void
  /** Frees every shard for the others. No delivery may be in flight any more. */
  leave(): Promise<void>
}

/** Keeps this instance's fair share of the shards, and knows by a monotonic clock how long its leases last. */
export const makeShardOwnership = (needs: Needs): ShardOwnership => {
  const { leases, instance, monotonic, pause, log, measurements } = needs
  const signal = makeWakeSignal(pause)
  let held = new Map<number, Held>()
  let leaving = new Set<number>()
  let heldUntil = Number.NEGATIVE_INFINITY

  const isSafeFor = (sendSeconds: number) =>
    monotonic() < heldUntil - (sendSeconds + SAFETY_SECONDS) * 1000

  const keep = async (settle: (shards: readonly number[]) => Promise<void>): Promise<number> => {
    // Counted from before the call, because the database's ten seconds begin later.
    const askedAt = monotonic()
    const holding = await leases.keep(instance)
    const before = held
    const now = monotonic()
    held = new Map(
      holding.held.map((lease) => {
        const earlier = before.get(lease.shard)
        // A new epoch: others may have had the shard until now.
        const since = earlier?.lease.epoch === lease.epoch ? earlier.since : now
        return [lease.shard, { lease, since }]
      }),
    )
    // Shards that could not be handed back before may have stayed with this instance.
    leaving = new Set()
    heldUntil = askedAt + LEASE_SECONDS * 1000
    const gained = [...held.values()].filter(({ since }) => since === now)
    measurements.leases(held.size, gained.length)
    if (gained.length > 0)
      log('info', 'relay.shards-taken', { gained: gained.length, held: held.size })
    const surplus = [...held.keys()].slice(fairShare(SHARDS, holding.instances))
    if (surplus.length > 0) await handBack(surplus, settle)
    return nextLook(holding.nextLapseSeconds)
  }

  const handBack = async (
    surplus: readonly number[],
    settle: (shards: readonly number[]) => Promise<void>,
  ): Promise<void> => {
    leaving = new Set(surplus)
    await settle(surplus)
    await leases.handBack(instance, surplus)
    for (const shard of surplus) held.delete(shard)
    leaving = new Set()
  }

  const heldFor = (sendSeconds: number): HeldShards => {
    const find = (user: UserId): Held | null => {
      const shard = shardOf(user)
      return isSafeFor(sendSeconds) && !leaving.has(shard) ? (held.get(shard) ?? null) : null
    }
    return {
      shards: () =>
        isSafeFor(sendSeconds) ? [...held.keys()].filter((shard) => !leaving.has(shard)) : [],
      leaseFor: (user) => find(user)?.lease ?? null,
      leaseSince: (user, instant) => {
        const found = find(user)
        return found !== null && found.since <= instant ? found.lease : null
      },
    }
  }

  return {
    heldFor,
    lookNow: signal.wake,
    async run(settle, stopping) {
      stopping.addEventListener('abort', signal.wake)
      while (!stopping.aborted) {
        let wait = RETRY_SECONDS
        try {
          wait = await keep(settle)
        } catch (fault) {
          log('error', 'relay.fault', { during: 'keep leases' }, fault)
        }
        await signal.wait(wait * 1000)
      }
    },
    async leave() {
      held = new Map()
      heldUntil = Number.NEGATIVE_INFINITY
      try {
        await leases.leave(instance)
      } catch (fault) {
        // Without the database the shards cannot be handed over. Their leases lapse, and the stop must not fail for that.
        log('warn', 'relay.fault', { during: 'leave' }, fault)
      }
    },
  }
}

const RETRY_SECONDS = 0.5
const SOONEST_SECONDS = 0.2

/** Seconds until the next look: as soon as the next lease of another instance lapses, and at the renewal at the latest. */
const nextLook = (nextLapseSeconds: number | null): number =>
  Math.min(RENEW_SECONDS, Math.max(SOONEST_SECONDS, nextLapseSeconds ?? RENEW_SECONDS))
