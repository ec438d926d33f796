import { expect, test } from 'bun:test'
import { makeDeliverChain } from '../../../../src/application/events/relay/deliver-chain.ts'
import type { LogFields } from '../../../../src/ports/driven/shared/log.ts'
import { givenEvent } from '../../../support/builders/events/given-events.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { CHANNEL, silentMeasurements } from '../../../support/fakes/events/relay-run.ts'

const NOW = new Date('2026-11-24T00:00:00.000Z')

/** Sends one event for each of the given durations, and answers what was logged about it. */
const loggedFor = async (...durations: readonly number[]) => {
  const { deliveries } = listedDeliveries()
  const logged: (readonly [string, LogFields | undefined])[] = []
  let now = 0
  const deliver = makeDeliverChain({
    deliveries,
    measurements: silentMeasurements,
    acknowledge: async () => {},
    leaseFor: () => ({ shard: 1, epoch: 1 }),
    sender: {
      isReady: () => true,
      sendSeconds: 1,
      send: async ({ event }) => {
        now += durations[event.version - 1] ?? 0
        return { stream: 'USER_EVENTS', sequence: event.version, duplicate: false }
      },
    },
    log: (_level, event, fields) => logged.push([event, fields]),
    clock: () => NOW,
    monotonic: () => now,
    chance: () => 0.5,
    slowMilliseconds: 100,
  })
  const chain = durations.map((_, index) => ({
    ...({ channel: CHANNEL, attempts: 0, replayId: null } as const),
    event: givenEvent(1, index + 1, NOW),
  }))
  await deliver(chain, new AbortController().signal)
  return logged
}

test('only a publish that takes longer than the limit is logged, with its event and channel', async () => {
  const { eventId, userId } = givenEvent(1, 2, NOW)
  expect(await loggedFor(100, 100.6, 20)).toEqual([
    ['relay.slow-publish', { channel: CHANNEL, eventId, userId, milliseconds: 101 }],
  ])
})
