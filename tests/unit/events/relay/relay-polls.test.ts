import { describe, expect, test } from 'bun:test'
import { makeRelay } from '../../../../src/application/events/relay/relay-events.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import type { Leases } from '../../../../src/ports/driven/events/leases.ts'
import { givenEvent } from '../../../support/builders/events/given-events.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { singleOwner } from '../../../support/fakes/events/listed-leases.ts'
import { CHANNEL, silentMeasurements } from '../../../support/fakes/events/relay-run.ts'
import { virtualTime } from '../../../support/fakes/shared/virtual-time.ts'

type Given = {
  /** Called at each look at the outbox. */
  readonly onLook?: (wake: () => void) => void
  /** Called before each write of acknowledgements. */
  readonly onWrite?: () => void
  readonly channels?: readonly Channel[]
  readonly keep?: Leases['keep']
  readonly isQuiet?: boolean
}

const OTHER = 'nats:user.events.v2'

/** A relay in virtual time; `looks` and `writes` say when it asked the outbox, `asked` when it asked for shards. */
const given = ({
  onLook = () => {},
  onWrite = () => {},
  channels = [CHANNEL],
  keep = singleOwner.keep,
  isQuiet = true,
}: Given) => {
  const time = virtualTime()
  const start = time.clock().getTime()
  const elapsed = () => time.clock().getTime() - start
  const outbox = listedDeliveries()
  const looks: number[] = []
  const looked: Channel[] = []
  const asked: number[] = []
  const writes: number[] = []
  const written: number[] = []
  const logged: string[] = []
  const relay = makeRelay({
    deliveries: {
      ...outbox.deliveries,
      due: async (query) => {
        // As a real database, it never answers within the same turn.
        await new Promise((resolve) => setImmediate(resolve))
        looks.push(elapsed())
        looked.push(query.channel)
        onLook(relay.wake)
        return outbox.deliveries.due(query)
      },
      acknowledge: async (batch) => {
        await new Promise((resolve) => setImmediate(resolve))
        writes.push(elapsed())
        onWrite()
        written.push(batch.length)
        await outbox.deliveries.acknowledge(batch)
      },
    },
    leases: {
      ...singleOwner,
      keep: (instance) => {
        asked.push(elapsed())
        return keep(instance)
      },
    },
    channels: new Map(
      channels.map((channel) => [
        channel,
        {
          isReady: () => true,
          sendSeconds: 1,
          send: async ({ event: { version } }) => ({
            stream: 'USER_EVENTS',
            sequence: version,
            duplicate: false,
          }),
        },
      ]),
    ),
    instance: 'only',
    measurements: silentMeasurements,
    log: (level, event, fields) => logged.push(`${level} ${event} ${fields?.['during']}`),
    clock: time.clock,
    monotonic: elapsed,
    pause: time.pause,
    chance: () => 0.5,
    isQuiet: () => isQuiet,
    slowMilliseconds: 1_000,
  })
  return { time, elapsed, relay, looks, looked, asked, writes, written, logged, outbox }
}

const away = () => {
  throw new Unavailable('the database is not available')
}
const gapsOf = (instants: readonly number[]) =>
  instants.slice(1).map((instant, index) => instant - (instants[index] ?? 0))

describe('a relay without a database', () => {
  test('asks it once a second, says so, and goes on when it is back', async () => {
    let isAway = true
    const { time, relay, looks, logged, outbox } = given({ onLook: () => isAway && away() })
    outbox.add(CHANNEL, givenEvent(1, 1, time.clock()))
    relay.start()
    await time.advance(10_000)
    expect(looks.length).toBeGreaterThan(5)
    expect(new Set(gapsOf(looks))).toEqual(new Set([1_000]))
    expect(new Set(logged)).toContain('error relay.fault poll')
    isAway = false
    await time.advance(2_000)
    expect(outbox.inState('acknowledged')).toHaveLength(1)
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })

  test('tries to write an acknowledgement twice a second until it is written', async () => {
    let isAway = true
    const { time, relay, writes, logged, outbox } = given({ onWrite: () => isAway && away() })
    outbox.add(CHANNEL, givenEvent(1, 1, time.clock()))
    relay.start()
    await time.advance(5_000)
    expect(writes.length).toBeGreaterThan(5)
    expect(new Set(gapsOf(writes))).toEqual(new Set([500]))
    expect(logged.filter((text) => text === 'error relay.fault acknowledge')).toHaveLength(
      writes.length,
    )
    isAway = false
    await time.advance(1_000)
    expect(outbox.inState('acknowledged')).toHaveLength(1)
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })
})

describe('a relay that is woken all the time', () => {
  test('asks the database every 5 ms at most', async () => {
    const { time, relay, looks } = given({ onLook: (wake) => wake() })
    relay.start()
    await time.advance(1_000)
    expect(looks.length).toBeGreaterThan(10)
    expect(new Set(gapsOf(looks))).toEqual(new Set([5]))
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })
})

describe('a relay that is woken', () => {
  test('looks at every channel at once', async () => {
    const { time, relay, looked } = given({ channels: [CHANNEL, OTHER] })
    relay.start()
    await time.advance(1_100)
    looked.length = 0
    relay.wake()
    await time.advance(1)
    expect(looked.toSorted()).toEqual([CHANNEL, OTHER])
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })
})

describe('a relay that is told of free shards', () => {
  test('asks for them at once', async () => {
    const { time, relay, asked } = given({})
    relay.start()
    await time.advance(1_000)
    expect(asked).toEqual([0])
    relay.lookForShards()
    await time.advance(0)
    expect(asked).toEqual([0, 1_000])
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })
})

describe('a relay that nobody wakes', () => {
  test('asks the database four times a second', async () => {
    const { time, relay, looks } = given({})
    relay.start()
    await time.advance(10_000)
    expect(looks.length).toBeGreaterThanOrEqual(38)
    expect(new Set(gapsOf(looks))).toEqual(new Set([250]))
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })

  test('looks again 15 ms after a look that found something', async () => {
    const { time, relay, looks, outbox } = given({})
    relay.start()
    await time.advance(1_100)
    outbox.add(CHANNEL, givenEvent(1, 1, time.clock()))
    await time.advance(1_000)
    expect(outbox.inState('acknowledged')).toHaveLength(1)
    expect(gapsOf(looks).filter((gap) => gap !== 250)).toEqual([15])
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })
})

describe('a relay that is given what was just committed', () => {
  const running = async (more: Given = {}) => {
    const subject = given(more)
    const { time, relay, elapsed } = subject
    relay.start()
    await time.advance(1_100)
    const lookedBefore = subject.looks.length
    return {
      ...subject,
      commit: (user: number, isFirst = true) => {
        const event = givenEvent(user, 1, time.clock())
        subject.outbox.add(CHANNEL, event)
        const pending = [{ channel: CHANNEL, isFirst }] as const
        return relay.deliver({ event, pending, begunAt: elapsed() })
      },
      looksSince: () => subject.looks.length - lookedBefore,
      stop: async () => {
        const stopped = relay.stop()
        await time.advance(0)
        await stopped
      },
    }
  }

  test('sends it without a look, and looks at once for what it may not send yet', async () => {
    const { time, commit, looksSince, outbox, stop } = await running()
    expect(commit(1)).toBe(true)
    await time.advance(100)
    expect([outbox.inState('acknowledged').length, looksSince()]).toEqual([1, 0])
    expect(commit(2, false)).toBe(true)
    await time.advance(6)
    expect(looksSince()).toBe(1)
    await stop()
  })

  test('says when another instance holds the shard, and has to be told', async () => {
    const elsewhere = { held: [], instances: 2, nextLapseSeconds: null }
    const { commit, stop } = await running({ keep: async () => elsewhere })
    expect(commit(1)).toBe(false)
    await stop()
  })

  test('writes in one batch what is acknowledged within 40 ms, and does not wait for more than 256', async () => {
    const { time, commit, writes, written, elapsed, stop } = await running()
    const start = elapsed()
    commit(1)
    await time.advance(30)
    commit(2)
    await time.advance(9)
    expect(writes).toEqual([])
    await time.advance(1)
    expect([writes, written]).toEqual([[start + 40], [2]])
    for (let user = 10; user < 10 + 256; user += 1) commit(user)
    commit(300)
    await time.advance(100)
    expect(written).toEqual([2, 256, 1])
    await stop()
  })

  test('is acknowledged 64 at a time while requests are served', async () => {
    const { time, commit, written, stop } = await running({ isQuiet: false })
    for (let user = 0; user < 65; user += 1) commit(user)
    await time.advance(100)
    expect(written).toEqual([64, 1])
    await stop()
  })
})
