import { describe, expect, test } from 'bun:test'
import { makeRelay } from '../../../../src/application/events/relay/relay-events.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import { givenEvent } from '../../../support/builders/events/given-events.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { singleOwner } from '../../../support/fakes/events/listed-leases.ts'
import { CHANNEL, silentMeasurements } from '../../../support/fakes/events/relay-run.ts'
import { virtualTime } from '../../../support/fakes/shared/virtual-time.ts'

const TRANSIT_MILLISECONDS = 400
/** The first look at the outbox is before the first lease; the second one is 250 ms later. */
const UNDER_WAY_MILLISECONDS = 300

/** A relay with three versions of one user, each of which takes 400 ms to the broker; `steps` is what it did. */
const given = (acknowledge: () => Promise<void> = async () => {}) => {
  const time = virtualTime()
  const outbox = listedDeliveries()
  for (const version of [1, 2, 3]) outbox.add(CHANNEL, givenEvent(1, version, time.clock()))
  const steps: string[] = []
  const never = new AbortController().signal
  const relay = makeRelay({
    deliveries: {
      ...outbox.deliveries,
      acknowledge: async (batch) => {
        await acknowledge()
        await outbox.deliveries.acknowledge(batch)
        steps.push(`acknowledged ${batch.map(({ delivery }) => delivery.event.version)}`)
      },
    },
    leases: {
      ...singleOwner,
      leave: async () => void steps.push('left'),
    },
    channels: new Map([
      [
        CHANNEL,
        {
          isReady: () => true,
          sendSeconds: 1,
          send: async ({ event: { version } }) => {
            steps.push(`sent ${version}`)
            await time.pause(TRANSIT_MILLISECONDS, never)
            return { stream: 'USER_EVENTS', sequence: version, duplicate: false }
          },
        },
      ],
    ]),
    instance: 'only',
    measurements: silentMeasurements,
    log: () => {},
    clock: time.clock,
    monotonic: () => time.clock().getTime(),
    pause: time.pause,
    chance: () => 0.5,
    isQuiet: () => true,
    slowMilliseconds: 1_000,
  })
  return { time, relay, steps }
}

describe('a relay that stops', () => {
  test('sends nothing more, and leaves its shards only when what was in flight is acknowledged', async () => {
    const { time, relay, steps } = given()
    relay.start()
    await time.advance(UNDER_WAY_MILLISECONDS)
    const stopped = relay.stop()
    await time.advance(0)
    expect(steps).toEqual(['sent 1'])
    await time.advance(TRANSIT_MILLISECONDS)
    await stopped
    expect(steps).toEqual(['sent 1', 'acknowledged 1', 'left'])
    await time.advance(20_000)
    expect(steps).toHaveLength(3)
  })

  test('while it waits for work leaves at once', async () => {
    const { time, relay, steps } = given()
    relay.start()
    await time.advance(5_000)
    void relay.stop()
    await time.advance(0)
    expect(steps.at(-1)).toBe('left')
  })

  test('leaves although the acknowledgement cannot be written', async () => {
    const { time, relay, steps } = given(() => Promise.reject(new Unavailable('no database')))
    relay.start()
    await time.advance(UNDER_WAY_MILLISECONDS)
    void relay.stop()
    await time.advance(TRANSIT_MILLISECONDS)
    expect(steps).toEqual(['sent 1', 'left'])
  })

  test('before it has started leaves nothing', async () => {
    const { relay, steps } = given()
    await relay.stop()
    expect(steps).toEqual([])
  })
})
