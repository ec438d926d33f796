import type { Relay } from '../../../../src/application/events/relay/relay-events.ts'
import { makeRelay } from '../../../../src/application/events/relay/relay-events.ts'
import { PublishFailure } from '../../../../src/domain/events/publish-failure.ts'
import type { UserEvent } from '../../../../src/domain/events/user-event.ts'
import { shardOf } from '../../../../src/domain/events/user-event.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import type {
  CommittedEvent,
  Deliveries,
  DeliveryReceipt,
} from '../../../../src/ports/driven/events/deliveries.ts'
import type { Leases } from '../../../../src/ports/driven/events/leases.ts'
import { givenEvent } from '../../builders/events/given-events.ts'
import { virtualTime } from '../shared/virtual-time.ts'
import { listedDeliveries } from './listed-deliveries.ts'
import { listedLeases } from './listed-leases.ts'
import type { Fate } from './relay-run.ts'
import { CHANNEL, KIND, silentMeasurements } from './relay-run.ts'

export type Failure =
  /** The process is gone at once; what it had sent arrives nevertheless. */
  | { readonly kind: 'killed'; readonly instance: number; readonly atSeconds: number }
  /** The process stands still, as under SIGSTOP, and then goes on as if nothing had been. */
  | {
      readonly kind: 'frozen'
      readonly instance: number
      readonly atSeconds: number
      readonly seconds: number
    }
  | { readonly kind: 'stopped'; readonly instance: number; readonly atSeconds: number }

/** A change that an instance commits, and then offers to its own relay. */
export type Change = {
  readonly instance: number
  readonly user: number
  readonly atSeconds: number
  /** How long the answer of the database takes to the instance. */
  readonly answerMilliseconds: number
}

type Options = {
  readonly instances: number
  readonly users: number
  readonly versions: number
  /** Further versions, while the instances run. One of a dead instance is never committed. */
  readonly changes?: readonly Change[]
  readonly failures: readonly Failure[]
  /** How long a message takes to the broker, by its number, in milliseconds. Less than `SEND_SECONDS`. */
  readonly transit: (sent: number) => number
  /** What happens to a message, by its number; all are stored by default. */
  readonly fate?: (sent: number) => Fate
  /** How long a statement takes to the database, and its answer back, by their number, in milliseconds. */
  readonly database?: (asked: number) => number
  /** When an instance starts; all start at once by default. */
  readonly startsAtSeconds?: (instance: number) => number
  /** How long the broker recognises a message that it has stored. */
  readonly remembersSeconds?: number
  /** How long the run lasts after the last change or failure. */
  readonly seconds?: number
  /** A broken twin puts its own stores in place of the right ones. */
  readonly twin?: (stores: Stores) => Stores
  /** A broken twin says something else of what was committed. */
  readonly twinOfCommits?: (committed: CommittedEvent) => CommittedEvent
}

type Stores = { readonly leases: Leases; readonly deliveries: Deliveries }

const SEND_SECONDS = 3
/** A statement takes this long to the database, and its answer as long back, unless the test says something else. */
const DATABASE_MILLISECONDS = 5
/** The duplicate window of the stream. */
const REMEMBERS_SECONDS = 300
const SIGNAL_MILLISECONDS = 1

/**
 * Several instances on one outbox and one broker, in virtual time, some of which fail as the test says. Whatever leases a twin hands
 * out, the sends are compared with those of the right table.
 */
export const relayFleet = async (options: Options) => {
  const time = virtualTime()
  const table = listedLeases(time.clock)
  const outbox = listedDeliveries(table.epochOf)
  const right = { leases: table, deliveries: outbox.deliveries }
  const { leases, deliveries } = options.twin?.(right) ?? right
  const never = new AbortController().signal
  const rememberedMilliseconds = (options.remembersSeconds ?? REMEMBERS_SECONDS) * 1000
  const stored: UserEvent[] = []
  const storedAt = new Map<string, number>()
  const sending = new Map<UserId, Set<string>>()
  const counts = { sent: 0, sentWithoutLease: 0, sentByTwo: 0, committed: 0 }
  const versions = new Map<number, number>()
  let finishedAtSeconds = 0
  let asked = 0
  const reachDatabase = () => {
    asked += 1
    return time.pause(options.database?.(asked) ?? DATABASE_MILLISECONDS, never)
  }

  /** Answers whether the broker had the message already. */
  const store = ({ eventId, ...event }: UserEvent): boolean => {
    const now = time.clock().getTime()
    const before = storedAt.get(eventId)
    if (before !== undefined && now - before < rememberedMilliseconds) return true
    storedAt.set(eventId, now)
    stored.push({ eventId, ...event })
    finishedAtSeconds = elapsed(time.clock()) / 1000
    return false
  }

  const send = async (instance: string, event: UserEvent): Promise<DeliveryReceipt> => {
    counts.sent += 1
    const number = counts.sent
    const others = sending.get(event.userId) ?? new Set()
    sending.set(event.userId, others.add(instance))
    if (others.size > 1) counts.sentByTwo += 1
    const isOwner = () => table.ownerOf(shardOf(event.userId)) === instance
    const wasOwner = isOwner()
    await time.pause(options.transit(number), never)
    if (!wasOwner || !isOwner()) counts.sentWithoutLease += 1
    others.delete(instance)
    const fate = options.fate?.(number) ?? 'stored'
    const isStored = fate === 'stored' || fate === 'ambiguous-stored'
    const duplicate = isStored && store(event)
    if (fate !== 'stored') throw new PublishFailure(KIND[fate], fate)
    return { stream: 'USER_EVENTS', sequence: number, duplicate }
  }

  /** The next version of a user, and whether it is the only one that is owed. */
  const write = (user: number) => {
    const version = (versions.get(user) ?? 0) + 1
    versions.set(user, version)
    const event = givenEvent(user, version, time.clock())
    const isFirst = outbox.inState('pending').every(({ userId }) => userId !== event.userId)
    outbox.add(CHANNEL, event)
    counts.committed += 1
    return { event, isFirst }
  }

  /** Everything that an instance waits for passes through here: a dead one waits for ever. */
  const makeInstance = (
    number: number,
  ): {
    relay: Relay
    kill(): void
    freeze(seconds: number): void
    commit(change: Change): Promise<void>
    hear(): Promise<void>
  } => {
    const instance = `instance-${number}`
    let isDead = false
    let frozenUntil = 0
    const alive = async (): Promise<void> => {
      const frozenFor = frozenUntil - time.clock().getTime()
      if (frozenFor > 0) await time.pause(frozenFor, never)
      if (isDead) await new Promise(() => {})
    }
    const ask = async <T>(statement: () => Promise<T>): Promise<T> => {
      await alive()
      await reachDatabase()
      const answer = await statement()
      await reachDatabase()
      await alive()
      return answer
    }
    const relay = makeRelay({
      deliveries: {
        due: (query) => ask(() => deliveries.due(query)),
        acknowledge: (batch) => ask(() => deliveries.acknowledge(batch)),
        retryAt: (...failure) => ask(() => deliveries.retryAt(...failure)),
        park: (...failure) => ask(() => deliveries.park(...failure)),
        backlog: deliveries.backlog,
      },
      leases: {
        keep: (name) => ask(() => leases.keep(name)),
        handBack: (name, shards) => ask(() => leases.handBack(name, shards)),
        leave: (name) => ask(() => leases.leave(name)),
      },
      channels: new Map([
        [
          CHANNEL,
          {
            isReady: () => true,
            sendSeconds: SEND_SECONDS,
            send: async ({ event }) => {
              await alive()
              try {
                return await send(instance, event)
              } finally {
                await alive()
              }
            },
          },
        ],
      ]),
      instance,
      measurements: silentMeasurements,
      log: () => {},
      clock: time.clock,
      monotonic: () => time.clock().getTime(),
      pause: async (milliseconds, signal) => {
        await time.pause(milliseconds, signal)
        await alive()
      },
      chance: () => 0.5,
      isQuiet: () => true,
      slowMilliseconds: 100,
    })
    const commit = async ({ user, answerMilliseconds }: Change): Promise<void> => {
      await alive()
      const begunAt = time.clock().getTime()
      await reachDatabase()
      const { event, isFirst } = write(user)
      await time.pause(answerMilliseconds, never)
      await alive()
      const committed = { event, pending: [{ channel: CHANNEL, isFirst }], begunAt } as const
      if (!relay.deliver(options.twinOfCommits?.(committed) ?? committed))
        for (const other of fleet) if (other.relay !== relay) void other.hear()
    }
    return {
      relay,
      commit,
      hear: async () => {
        await time.pause(SIGNAL_MILLISECONDS, never)
        await alive()
        relay.wake()
      },
      kill: () => {
        isDead = true
      },
      freeze: (seconds) => {
        frozenUntil = time.clock().getTime() + seconds * 1000
      },
    }
  }

  const fleet = Array.from({ length: options.instances }, (_, number) => makeInstance(number))
  for (let version = 1; version <= options.versions; version += 1)
    for (let user = 0; user < options.users; user += 1) write(user)
  const starts = fleet.map(({ relay }, number) => ({
    atSeconds: options.startsAtSeconds?.(number) ?? 0,
    happen: relay.start,
  }))
  const failures = options.failures.map((failure) => ({
    atSeconds: failure.atSeconds,
    happen: () => {
      const target = fleet[failure.instance]
      if (failure.kind === 'killed') target?.kill()
      else if (failure.kind === 'frozen') target?.freeze(failure.seconds)
      else void target?.relay.stop()
    },
  }))
  const changes = (options.changes ?? []).map((change) => ({
    atSeconds: change.atSeconds,
    happen: () => void fleet[change.instance]?.commit(change),
  }))
  for (const { atSeconds, happen } of [...starts, ...changes, ...failures].toSorted(
    (a, b) => a.atSeconds - b.atSeconds,
  )) {
    await time.advance(Math.max(0, atSeconds * 1000 - elapsed(time.clock())))
    happen()
  }
  await time.advance((options.seconds ?? 180) * 1000)
  return { ...counts, stored, finishedAtSeconds, pending: outbox.inState('pending') }
}

const START = new Date('2026-11-24T00:00:00.000Z').getTime()
const elapsed = (now: Date): number => now.getTime() - START
