import { describe, expect, test } from 'bun:test'
import { makeRelay } from '../../../../src/application/events/relay/relay-events.ts'
import { givenEvent } from '../../../support/builders/events/given-events.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { singleOwner } from '../../../support/fakes/events/listed-leases.ts'
import { CHANNEL, silentMeasurements } from '../../../support/fakes/events/relay-run.ts'
import { virtualTime } from '../../../support/fakes/shared/virtual-time.ts'

const BACKLOG = 2000
/** How long the broker takes for a message. */
const SEND_MS = 4

/** A relay with a backlog of one event of each user. It notes how much it asks for and sends at once. */
const given = (isQuiet: () => boolean) => {
  const time = virtualTime()
  const start = time.clock().getTime()
  const elapsed = () => time.clock().getTime() - start
  const outbox = listedDeliveries()
  const looks: { readonly at: number; readonly limit: number }[] = []
  const writes: number[] = []
  const sentAt = new Map<string, number>()
  let inFlight = 0
  let mostInFlight = 0
  for (let user = 0; user < BACKLOG; user += 1)
    outbox.add(CHANNEL, givenEvent(user, 1, time.clock()))
  const relay = makeRelay({
    deliveries: {
      ...outbox.deliveries,
      due: async (query) => {
        looks.push({ at: elapsed(), limit: query.limit })
        await new Promise((resolve) => setImmediate(resolve))
        return outbox.deliveries.due(query)
      },
      acknowledge: async (batch) => {
        writes.push(batch.length)
        await outbox.deliveries.acknowledge(batch)
      },
    },
    leases: singleOwner,
    channels: new Map([
      [
        CHANNEL,
        {
          isReady: () => true,
          sendSeconds: 1,
          send: async ({ event }) => {
            inFlight += 1
            // The last portion is no backlog any more.
            if (sentAt.size < BACKLOG / 2) mostInFlight = Math.max(mostInFlight, inFlight)
            sentAt.set(event.eventId, elapsed())
            await time.pause(SEND_MS, new AbortController().signal)
            inFlight -= 1
            return { stream: 'USER_EVENTS', sequence: sentAt.size, duplicate: false }
          },
        },
      ],
    ]),
    instance: 'only',
    measurements: silentMeasurements,
    log: () => {},
    clock: time.clock,
    monotonic: elapsed,
    pause: time.pause,
    chance: () => 0.5,
    isQuiet,
    slowMilliseconds: 1_000,
  })
  /** The time that the relay took for the backlog, in milliseconds. */
  const drain = async (): Promise<number> => {
    relay.start()
    while (outbox.inState('pending').length > 0) await time.advance(10)
    const drained = elapsed()
    await stop()
    return drained
  }
  const stop = async () => {
    const stopped = relay.stop()
    await time.advance(1_000)
    await stopped
  }
  return {
    time,
    relay,
    outbox,
    looks,
    writes,
    sentAt,
    elapsed,
    drain,
    stop,
    mostInFlight: () => mostInFlight,
  }
}

describe('a backlog', () => {
  test('is read, sent and acknowledged in small portions while requests are served', async () => {
    const { looks, writes, drain, mostInFlight } = given(() => false)
    const milliseconds = await drain()
    // The last look finds that nothing is left.
    const gaps = looks.slice(1, -2).map(({ at }, index) => at - (looks[index]?.at ?? 0))
    expect(Math.max(...looks.map(({ limit }) => limit))).toBe(128)
    expect(Math.min(...gaps)).toBe(50)
    expect(mostInFlight()).toBe(16)
    expect(Math.max(...writes)).toBe(64)
    // 10 000 events in a minute are promised.
    expect(BACKLOG / (milliseconds / 1000)).toBeGreaterThan(10_000 / 60)
  })

  test('is sent as fast as possible while there are no requests', async () => {
    const { looks, drain, mostInFlight } = given(() => true)
    const milliseconds = await drain()
    expect(looks[0]?.limit).toBe(1024)
    expect(mostInFlight()).toBe(32)
    expect(milliseconds).toBeLessThan(1000)
  })

  test('does not delay a change that this instance has just committed', async () => {
    const { time, relay, outbox, sentAt, elapsed, stop } = given(() => false)
    relay.start()
    await time.advance(300)
    const event = givenEvent(BACKLOG, 1, time.clock())
    outbox.add(CHANNEL, event)
    const begunAt = elapsed()
    expect(sentAt.size).toBeLessThan(BACKLOG / 2)
    relay.deliver({ event, pending: [{ channel: CHANNEL, isFirst: true }], begunAt })
    await time.advance(10)
    expect(sentAt.get(event.eventId)).toBe(begunAt)
    await stop()
  })
})
