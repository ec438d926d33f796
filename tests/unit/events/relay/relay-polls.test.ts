import { describe, expect, test } from 'bun:test'
import { makeRelay } from '../../../../src/application/events/relay/relay-events.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
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
}

const OTHER = 'nats:user.events.v2'

/** A relay in virtual time; `looks` and `writes` say when it asked the outbox, `asked` when it asked for shards. */
const given = ({ onLook = () => {}, onWrite = () => {}, channels = [CHANNEL] }: Given) => {
  const time = virtualTime()
  const start = time.clock().getTime()
  const elapsed = () => time.clock().getTime() - start
  const outbox = listedDeliveries()
  const looks: number[] = []
  const looked: Channel[] = []
  const asked: number[] = []
  const writes: number[] = []
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
        await outbox.deliveries.acknowledge(batch)
      },
    },
    leases: {
      ...singleOwner,
      keep: (instance) => {
        asked.push(elapsed())
        return singleOwner.keep(instance)
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
    isQuiet: () => true,
    slowMilliseconds: 1_000,
  })
  return { time, relay, looks, looked, asked, writes, logged, outbox }
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
    expect(Math.min(...gapsOf(looks))).toBeGreaterThanOrEqual(1_000)
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
    const { time, relay, writes, outbox } = given({ onWrite: () => isAway && away() })
    outbox.add(CHANNEL, givenEvent(1, 1, time.clock()))
    relay.start()
    await time.advance(5_000)
    expect(writes.length).toBeGreaterThan(5)
    expect(Math.min(...gapsOf(writes))).toBeGreaterThanOrEqual(500)
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
    expect(Math.min(...gapsOf(looks))).toBeGreaterThanOrEqual(5)
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
    expect(looks.length).toBeLessThanOrEqual(42)
    const stopped = relay.stop()
    await time.advance(0)
    await stopped
  })
})
