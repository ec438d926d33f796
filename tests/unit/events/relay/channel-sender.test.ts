import { describe, expect, test } from 'bun:test'
import {
  makeReceiverSender,
  makeSubjectSender,
} from '../../../../src/application/events/relay/channel-sender.ts'
import type { Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import type {
  EventMessage,
  UserEventCodec,
} from '../../../../src/ports/driven/events/event-publisher.ts'
import { givenEvent } from '../../../support/builders/events/given-events.ts'

const EVENT = givenEvent(1, 3, new Date('2026-11-24T00:00:00.000Z'))
const delivery = (replayId: string | null): Delivery => ({
  channel: 'nats:user.events.v2',
  event: EVENT,
  attempts: 0,
  replayId,
})
/** A message that shows what it was made from. */
const codec: UserEventCodec = {
  encode: ({ eventId }, subject, replayId) => ({
    headers: { made: `${eventId} ${subject} ${replayId}` },
    body: new Uint8Array(),
  }),
}

describe('the sender of an event channel', () => {
  const given = () => {
    const sent: (readonly [topic: string, message: EventMessage])[] = []
    let isConnected = true
    const sender = makeSubjectSender(
      {
        publisher: {
          publish: async (topic, message) => {
            sent.push([topic, message])
            return { stream: 'USER_EVENTS', sequence: 7, duplicate: true }
          },
          publishAsync: () => {},
          close: async () => {},
        },
        codec,
        isConnected: () => isConnected,
        sendSeconds: 2,
      },
      'user.events.v2',
    )
    const disconnect = () => {
      isConnected = false
    }
    return { sender, sent, disconnect }
  }

  // The broker drops a message whose id it knows, so a replay needs one of its own.
  test.each([[null], ['a replay']])(
    'publishes on its subject, in the form of that subject, under the replay %p',
    async (replayId) => {
      const { sender, sent } = given()
      expect(await sender.send(delivery(replayId))).toEqual({
        stream: 'USER_EVENTS',
        sequence: 7,
        duplicate: true,
      })
      expect(sent.map(([topic, { headers }]) => [topic, headers['made']])).toEqual([
        ['user.events.v2', `${EVENT.eventId} user.events.v2 ${replayId}`],
      ])
    },
  )

  test('is ready while the broker can be reached', () => {
    const { sender, disconnect } = given()
    expect(sender.isReady()).toBe(true)
    disconnect()
    expect(sender.isReady()).toBe(false)
  })
})

describe('the sender of the HTTP channel', () => {
  test.each([
    [true, null],
    [false, null],
    [true, 'a replay'],
    [false, 'a replay'],
  ])(
    'sends each event in version 1 under its id; "already newer" is %p and so is the receipt’s duplicate, under the replay %p',
    async (alreadyNewer, replayId) => {
      const sent: unknown[] = []
      const sender = makeReceiverSender({
        receiver: {
          isReady: () => false,
          send: async (eventId, { headers }) => {
            sent.push([eventId, headers['made']])
            return { alreadyNewer }
          },
        },
        codec,
        sendSeconds: 5,
      })
      expect(await sender.send(delivery(replayId))).toEqual({
        stream: null,
        sequence: null,
        duplicate: alreadyNewer,
      })
      expect(sent).toEqual([[EVENT.eventId, `${EVENT.eventId} user.events.v1 ${replayId}`]])
      expect([sender.isReady(), sender.sendSeconds]).toEqual([false, 5])
    },
  )
})
