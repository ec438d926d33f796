import type { Relay } from '../../../../src/application/events/relay/relay-events.ts'
import { makeRelay } from '../../../../src/application/events/relay/relay-events.ts'
import type { UserEvent } from '../../../../src/domain/events/user-event.ts'
import type { Deliveries } from '../../../../src/ports/driven/events/deliveries.ts'
import type { Leases } from '../../../../src/ports/driven/events/leases.ts'
import type { Pause } from '../../../../src/ports/driven/shared/clock.ts'
import { givenEvent } from '../../builders/events/given-events.ts'
import { virtualTime } from '../shared/virtual-time.ts'
import { listedDeliveries } from './listed-deliveries.ts'
import { listedLeases } from './listed-leases.ts'
import { CHANNEL, silentMeasurements } from './relay-run.ts'

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

type Options = {
  readonly instances: number
  readonly users: number
  readonly versions: number
  readonly failures: readonly Failure[]
  /** How long a message takes to the broker, by its number, in milliseconds. */
  readonly transit: (sent: number) => number
  /** A broken twin puts its own stores in place of the right ones. */
  readonly twin?: (stores: Stores) => Stores
}

type Stores = { readonly leases: Leases; readonly deliveries: Deliveries }

const SEND_SECONDS = 3

/** Several instances on one outbox and one broker, in virtual time, some of which fail as the test says. */
export const relayFleet = async (options: Options) => {
  const time = virtualTime()
  const outbox = listedDeliveries(CHANNEL)
  const right = { leases: listedLeases(time.clock), deliveries: outbox.deliveries }
  const { leases, deliveries: rows } = options.twin?.(right) ?? right
  const stored: UserEvent[] = []
  let finishedAtSeconds = 0
  const never = new AbortController().signal
  let sent = 0

  const store = (event: UserEvent): boolean => {
    const isRepeat = stored.some(({ eventId }) => eventId === event.eventId)
    if (!isRepeat) {
      stored.push(event)
      finishedAtSeconds = elapsed(time.clock()) / 1000
    }
    return isRepeat
  }

  /** Everything that an instance waits for passes through here: a dead one waits for ever. */
  const makeInstance = (
    number: number,
  ): { relay: Relay; kill(): void; freeze(seconds: number): void } => {
    let isDead = false
    let frozenUntil = 0
    const alive = async <T>(value: T): Promise<T> => {
      const frozenFor = frozenUntil - time.clock().getTime()
      if (frozenFor > 0) await time.pause(frozenFor, never)
      return isDead ? new Promise<T>(() => {}) : value
    }
    const pause: Pause = async (milliseconds, signal) => {
      await time.pause(milliseconds, signal)
      await alive(null)
    }
    const deliveries: Deliveries = {
      ...rows,
      due: async (query) => alive(await rows.due(await alive(query))),
      acknowledge: async (batch) => {
        await rows.acknowledge(await alive(batch))
        await alive(null)
      },
    }
    const relay = makeRelay({
      deliveries,
      leases: {
        ...leases,
        keep: async (instance) => alive(await leases.keep(await alive(instance))),
      },
      channels: new Map([
        [
          CHANNEL,
          {
            isReady: () => true,
            sendSeconds: SEND_SECONDS,
            send: async ({ event }) => {
              await alive(null)
              sent += 1
              await time.pause(options.transit(sent), never)
              return alive({ stream: 'USER_EVENTS', sequence: sent, duplicate: store(event) })
            },
          },
        ],
      ]),
      instance: `instance-${number}`,
      measurements: silentMeasurements,
      log: () => {},
      clock: time.clock,
      monotonic: () => time.clock().getTime(),
      pause,
      chance: () => 0.5,
      slowMilliseconds: 100,
    })
    return {
      relay,
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
    for (let user = 0; user < options.users; user += 1)
      outbox.add(givenEvent(user, version, time.clock()))
  for (const { relay } of fleet) relay.start()
  for (const failure of options.failures.toSorted((a, b) => a.atSeconds - b.atSeconds)) {
    await time.advance(Math.max(0, failure.atSeconds * 1000 - elapsed(time.clock())))
    const target = fleet[failure.instance]
    if (failure.kind === 'killed') target?.kill()
    else if (failure.kind === 'frozen') target?.freeze(failure.seconds)
    else void target?.relay.stop()
  }
  await time.advance(180_000)
  return { stored, finishedAtSeconds, pending: outbox.inState('pending') }
}

const START = new Date('2026-11-24T00:00:00.000Z').getTime()
const elapsed = (now: Date): number => now.getTime() - START
