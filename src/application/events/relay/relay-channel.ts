import type { Channel } from '../../../domain/events/user-event.ts'
import { groupByUser, sendsNewestOnly, shardOf } from '../../../domain/events/user-event.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import type {
  CommittedEvent,
  Deliveries,
  Delivery,
} from '../../../ports/driven/events/deliveries.ts'
import type { Clock, Monotonic } from '../../../ports/driven/shared/clock.ts'
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
  readonly monotonic: Monotonic
  /** True while no request needs the database. Until then a backlog leaves room for requests. */
  readonly isQuiet: () => boolean
}

/** How many users' versions are sent at the same time. */
const IN_FLIGHT = 32
const BATCH = 1024
/** While requests are served, a backlog is read and sent in small portions, so that no request waits for a large one. */
const PORTION = 128
const PORTION_IN_FLIGHT = 16
/** When fewer lanes than this wait, more are read, so that the broker is never idle while there is work. */
const FEW = 2 * IN_FLIGHT
/** The most lanes that are opened, and the most versions that one lane holds: more stays in the outbox. */
const MOST_LANES = 4 * BATCH
const MOST_UNSENT = 64
/** How many users are remembered whose lanes have ended. */
const REMEMBERED = 10_000

export type RelayChannel = {
  /** There may be something in the outbox that this instance has not been told of. The next look counts as asked for. */
  expectMore(): void
  /** Reads what is due and opens a lane for each user who has none yet; answers how many lanes. */
  startDue(): Promise<number>
  /** True while a backlog is sent in small portions, because requests are served. */
  isHoldingBack(): boolean
  /**
   * Takes the delivery of an event that this instance has just committed, so that it need not be read. False when it must
   * be looked for: it is not known to be the user's next one, or there is no room. True also when there is none to send.
   */
  take(committed: CommittedEvent): boolean
  /** Resolves when no lane of these shards is left: each was sent and its acknowledgements written, or it never began. */
  settled(shards: readonly number[]): Promise<void>
}

/** What is on its way for one user, under the lease of this epoch. There is at most one lane for each user. */
type Lane = {
  readonly user: UserId
  readonly epoch: number
  /** Consecutive versions that are still to be sent. */
  readonly unsent: Delivery[]
  /** The newest version that was put into this lane. */
  newest: number
  /** No other version may be sent now. */
  isSending: boolean
  /** How many of its sends still wait until their acknowledgements are written. */
  unwritten: number
  /** A delivery failed or was not sent. What is left is for a later look. */
  isBroken: boolean
  /** The outbox may hold versions that are not in this lane. */
  mayHaveMore: boolean
  /** True when it was opened from a backlog, not for a change that has just been committed. */
  readonly isLate: boolean
  /** Who waits for its end. */
  readonly onEnd: (() => void)[]
}

/** A look at the outbox while it lasts. */
type Look = { readonly begunAt: number; readonly takenMeanwhile: Set<UserId> }

/**
 * The lanes of one channel. There is at most one lane for each user, so that no version overtakes another. More lanes
 * are opened than may send at once, so that no send waits for the database.
 */
export const makeRelayChannel = (
  { deliveries, held, sender, deliverChain, log, clock, monotonic, isQuiet }: Needs,
  channel: Channel,
  pollSoon: () => void,
  stopping: AbortSignal,
): RelayChannel => {
  const isNewestOnly = sendsNewestOnly(channel)
  const lanes = new Map<UserId, Lane>()
  /** Lanes that have something to send, in the order of their turns. */
  const waiting = new Set<Lane>()
  let sending = 0
  let sendingLate = 0
  let isMoreDue = false
  let isMoreExpected = false
  let look: Look | null = null
  const ended = rememberEnded(monotonic)

  const open = (
    user: UserId,
    epoch: number,
    versions: readonly Delivery[],
    isLate: boolean,
  ): Lane => {
    const lane: Lane = {
      user,
      epoch,
      unsent: [...versions],
      newest: versions.at(-1)?.event.version ?? 0,
      isSending: false,
      unwritten: 0,
      isBroken: false,
      mayHaveMore: false,
      isLate,
      onEnd: [],
    }
    lanes.set(user, lane)
    waiting.add(lane)
    return lane
  }

  const closeIfDone = (lane: Lane): void => {
    if (lane.isSending || lane.unwritten > 0 || waiting.has(lane)) return
    lanes.delete(lane.user)
    ended.add(lane.user, lane.newest)
    for (const end of lane.onEnd) end()
    // A lane that was broken off waits for the next regular poll. An early poll would take it up and break it off again.
    if ((lane.mayHaveMore || isMoreExpected) && !lane.isBroken) pollSoon()
  }

  const giveUp = (lane: Lane): void => {
    waiting.delete(lane)
    lane.unsent.length = 0
    lane.isBroken = true
    closeIfDone(lane)
  }

  const isStillOurs = ({ user, epoch }: Lane) => held.leaseFor(user)?.epoch === epoch

  const send = async ({ unsent, isLate }: Lane): Promise<ChainEnd> => {
    sending += 1
    sendingLate += Number(isLate)
    try {
      return await deliverChain(unsent.splice(0), stopping)
    } catch (fault) {
      log('error', 'relay.fault', { during: 'deliver', channel }, fault)
      return { wentOn: false, written: Promise.resolve() }
    } finally {
      sending -= 1
      sendingLate -= Number(isLate)
    }
  }

  const goOn = (lane: Lane): void => {
    lane.isSending = false
    if (lane.unsent.length > 0) waiting.add(lane)
  }

  const run = async (lane: Lane): Promise<void> => {
    lane.isSending = true
    const { wentOn, written } = await send(lane)
    lane.unwritten += 1
    if (!wentOn) giveUp(lane)
    if (!isNewestOnly) goOn(lane)
    startWaiting()
    if ((isMoreDue || isMoreExpected) && waiting.size < FEW) pollSoon()
    await written
    lane.unwritten -= 1
    // Not before, because the receipt of a newer version says that the older ones were never sent.
    if (isNewestOnly) {
      goOn(lane)
      startWaiting()
    }
    closeIfDone(lane)
  }

  const startWaiting = (): void => {
    const late = isQuiet() ? IN_FLIGHT : PORTION_IN_FLIGHT
    for (const lane of waiting) {
      if (sending >= IN_FLIGHT) return
      if (lane.isLate && sendingLate >= late) continue
      waiting.delete(lane)
      // Another instance may have delivered these versions, and later ones, since they were read.
      if (isStillOurs(lane)) void run(lane)
      else giveUp(lane)
    }
  }

  const extend = (lane: Lane, delivery: Delivery): boolean => {
    const { version } = delivery.event
    if (version <= lane.newest) return true
    if (lane.isBroken || version !== lane.newest + 1) return false
    if (lane.unsent.length >= MOST_UNSENT) return false
    lane.unsent.push(delivery)
    lane.newest = version
    if (!lane.isSending) waiting.add(lane)
    return true
  }

  /** Opens a lane for each user of `due` who has had none since the look began. */
  const openLanes = (due: readonly Delivery[], { begunAt, takenMeanwhile }: Look): number => {
    let opened = 0
    for (const [user, versions] of groupByUser(due, ({ event }) => event.userId)) {
      // Another instance may have delivered these versions, if it had the shard meanwhile.
      const lease = held.leaseSince(user, begunAt)
      const lane = lanes.get(user)
      // What was read may have been delivered meanwhile, and there may be more.
      if (lane !== undefined) lane.mayHaveMore = true
      else if (takenMeanwhile.has(user)) expectMore()
      else if (lease !== null) {
        open(user, lease.epoch, versions, isMoreDue).mayHaveMore = isMoreDue
        opened += 1
      }
    }
    return opened
  }

  const expectMore = (): void => {
    isMoreExpected = true
    pollSoon()
  }

  return {
    expectMore,
    async startDue() {
      const shards = held.shards()
      if (waiting.size >= FEW || lanes.size >= MOST_LANES) return 0
      if (shards.length === 0 || !sender.isReady()) return 0
      // Their users are left out of this look.
      if (isMoreExpected) for (const lane of lanes.values()) lane.mayHaveMore = true
      isMoreExpected = false
      const own = { begunAt: monotonic(), takenMeanwhile: new Set<UserId>() }
      look = own
      try {
        const limit = isQuiet() ? BATCH : PORTION
        const due = await deliveries.due({
          channel,
          shards,
          except: [...lanes.keys()],
          limit,
          now: clock(),
        })
        isMoreDue = due.length === limit
        const opened = openLanes(due, own)
        startWaiting()
        return opened
      } finally {
        look = null
      }
    },
    isHoldingBack: () => isMoreDue && !isQuiet(),
    take: ({ event, pending, begunAt }) => {
      const one = pending.find((delivery) => delivery.channel === channel)
      if (one === undefined) return true
      const { userId: user, version } = event
      // Without a break since before the statement: so no other instance has read this version and delivered it.
      const lease = held.leaseSince(user, begunAt)
      if (lease === null || stopping.aborted || !sender.isReady()) return false
      const delivery = { channel, event, attempts: 0, replayId: null }
      const lane = lanes.get(user)
      if (lane === undefined) {
        const isRoom = waiting.size < BATCH && lanes.size < MOST_LANES
        if (!one.isFirst || !isRoom || ended.mayHaveHad(user, version, begunAt)) return false
        open(user, lease.epoch, [delivery], false)
      } else if (lane.epoch !== lease.epoch || !extend(lane, delivery)) {
        lane.mayHaveMore = true
        return false
      }
      look?.takenMeanwhile.add(user)
      startWaiting()
      return true
    },
    async settled(shards) {
      for (const lane of waiting) if (shards.includes(shardOf(lane.user))) giveUp(lane)
      const theirs = [...lanes.values()].filter(({ user }) => shards.includes(shardOf(user)))
      await Promise.all(theirs.map(({ onEnd }) => new Promise<void>((end) => onEnd.push(end))))
    },
  }
}

/**
 * Remembers which versions had a lane. The answer of a commit may arrive after a look has found the event and its lane has
 * ended: it must not be sent again then, perhaps after newer versions.
 */
const rememberEnded = (monotonic: Monotonic) => {
  const lanes = new Map<UserId, { readonly newest: number; readonly at: number }>()
  /** Lanes that ended until then may be forgotten. */
  let forgottenUntil = Number.NEGATIVE_INFINITY
  return {
    add(user: UserId, newest: number): void {
      lanes.delete(user)
      lanes.set(user, { newest, at: monotonic() })
      const [oldest] = lanes.size > REMEMBERED ? lanes : []
      if (oldest === undefined) return
      lanes.delete(oldest[0])
      forgottenUntil = oldest[1].at
    },
    /** Whether a lane may have had this version. Its statement began at this instant. */
    mayHaveHad: (user: UserId, version: number, begunAt: number): boolean =>
      begunAt <= forgottenUntil || version <= (lanes.get(user)?.newest ?? 0),
  }
}
