import { expect, test } from 'bun:test'
import type { ChannelSender } from '../../../src/application/events/relay/channel-sender.ts'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import { relayRun } from '../../support/fakes/events/relay-run.ts'

/** Takes a timed-out publish for a delivered one. */
const twin =
  (send: ChannelSender['send']): ChannelSender['send'] =>
  async (delivery) => {
    try {
      return await send(delivery)
    } catch (failure) {
      if (failure instanceof PublishFailure && failure.kind === 'ambiguous')
        return { stream: 'USER_EVENTS', sequence: 0, duplicate: false }
      throw failure
    }
  }

test('a relay that advances after a timeout loses the events whose timeouts were real', async () => {
  const { stored } = await relayRun([20], Array(10).fill('ambiguous-lost'), twin)
  expect(20 - stored.length).toBe(10)
})
