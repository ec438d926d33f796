import { describe, expect, test } from 'bun:test'
import { makeDeliverChain } from '../../../../src/application/events/relay/deliver-chain.ts'
import { PublishFailure } from '../../../../src/domain/events/publish-failure.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import { secondsAfter } from '../../../../src/domain/shared/instants.ts'
import type { Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import { givenEvent } from '../../../support/builders/events/given-events.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { CHANNEL, silentMeasurements } from '../../../support/fakes/events/relay-run.ts'

const NOW = new Date('2026-11-24T00:00:00.000Z')
const LEASE = { shard: 5, epoch: 3 }

type Given = {
  readonly channel?: Channel
  /** What happens to each version that is sent; it is stored when nothing is said. */
  readonly failures?: Readonly<Record<number, PublishFailure>>
  /** The attempts that each version has behind it. */
  readonly attempts?: readonly number[]
  readonly isRecorded?: boolean
  /** The replay that each version belongs to. */
  readonly replayIds?: readonly (string | null)[]
}

/** A chain of three versions of one user; `sent`, `acknowledged` and `failed` say what became of each. */
const given = ({
  channel = CHANNEL,
  failures = {},
  attempts = [],
  isRecorded = true,
  replayIds = [],
}: Given) => {
  const sent: number[] = []
  const acknowledged: number[] = []
  const failed: string[] = []
  const measured: string[] = []
  const delays: number[] = []
  const logged: (readonly unknown[])[] = []
  const state = { lease: LEASE as typeof LEASE | null, isReady: true, now: NOW }
  const receivedAt: Date[] = []
  const stopping = new AbortController()
  let afterSend = (_: number): void => {}
  const errors: unknown[] = []
  const record =
    (kind: string) =>
    async (delivery: Delivery, lease: typeof LEASE, ...rest: unknown[]) => {
      const [at] = rest
      errors.push(rest.at(-1))
      const until = at instanceof Date ? ` ${at.getTime() - NOW.getTime()}` : ''
      failed.push(`${kind} ${delivery.event.version} under ${lease.epoch}${until}`)
      return isRecorded
    }
  const deliver = makeDeliverChain({
    deliveries: {
      ...listedDeliveries().deliveries,
      retryAt: record('retry'),
      park: record('park'),
    },
    measurements: {
      ...silentMeasurements,
      delivered: (_, seconds) => delays.push(seconds),
      fenced: (name) => measured.push(`fenced ${name}`),
      deliveryFailed: (_, kind) => measured.push(`failed ${kind}`),
    },
    acknowledge: async ({ delivery, at }) => {
      acknowledged.push(delivery.event.version)
      receivedAt.push(at)
    },
    leaseFor: () => state.lease,
    sender: {
      isReady: () => state.isReady,
      sendSeconds: 1,
      send: async ({ event: { version } }) => {
        sent.push(version)
        afterSend(version)
        const failure = failures[version]
        if (failure !== undefined) throw failure
        return { stream: 'USER_EVENTS', sequence: version, duplicate: false }
      },
    },
    log: (level, event, fields, fault) => {
      measured.push(event)
      logged.push([level, fields, fault])
    },
    clock: () => state.now,
    monotonic: () => 0,
    chance: () => 0,
    slowMilliseconds: 100,
  })
  const chain = [1, 2, 3].map(
    (version, index): Delivery => ({
      channel,
      event: givenEvent(1, version, secondsAfter(NOW, -version)),
      attempts: attempts[index] ?? 0,
      replayId: replayIds[index] ?? null,
    }),
  )
  const run = async () => {
    const { wentOn, written } = await deliver(chain, stopping.signal)
    await written
    return wentOn
  }
  return {
    run,
    sent,
    acknowledged,
    failed,
    /** The texts that were stored with the failures. */
    errors,
    measured,
    logged,
    delays,
    receivedAt,
    /** What happens while a version is being sent. */
    during: (version: number, happens: (given: typeof state, stop: () => void) => unknown) => {
      afterSend = (each) => {
        if (each === version) happens(state, () => stopping.abort())
      }
    },
  }
}

describe('a chain', () => {
  test('is sent version after version', async () => {
    const { run, sent, acknowledged } = given({})
    expect(await run()).toBe(true)
    expect([sent, acknowledged]).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
  })

  test.each<[string, (state: { lease: unknown; isReady: boolean }, stop: () => void) => unknown]>([
    ['the lease ends', (state) => Object.assign(state, { lease: null })],
    ['the channel is lost', (state) => Object.assign(state, { isReady: false })],
    ['the relay stops', (_, stop) => stop()],
  ])(
    'is broken off after the message during which %s, and that message is acknowledged',
    async (_, happens) => {
      const { run, sent, acknowledged, during } = given({})
      during(2, happens)
      expect(await run()).toBe(false)
      expect([sent, acknowledged]).toEqual([
        [1, 2],
        [1, 2],
      ])
    },
  )

  test('is broken off by a failure that may pass, and that version waits under the lease of its own send', async () => {
    const failures = { 2: new PublishFailure('retryable', 'no responders') }
    const { run, sent, acknowledged, failed, measured, during } = given({
      failures,
      attempts: [0, 2],
    })
    // The answer comes when the shard is lost: the lease under which the message was sent counts, not a later one.
    during(2, (state) => {
      state.lease = { shard: 5, epoch: 4 }
    })
    expect(await run()).toBe(false)
    expect([sent, acknowledged, failed]).toEqual([[1, 2], [1], ['retry 2 under 3 200']])
    expect(measured).toEqual(['failed retryable', 'relay.retry'])
  })

  test('goes on after a failure that is final, and that version is parked', async () => {
    const failures = { 2: new PublishFailure('permanent', 'too large') }
    const { run, sent, acknowledged, failed, measured } = given({ failures })
    expect(await run()).toBe(true)
    expect([sent, acknowledged, failed]).toEqual([[1, 2, 3], [1, 3], ['park 2 under 3']])
    expect(measured).toEqual(['failed permanent', 'relay.parked'])
  })

  test.each(['retryable', 'permanent'] as const)(
    'is broken off when a %s failure is not recorded, because the shard has another owner',
    async (kind) => {
      const failures = { 2: new PublishFailure(kind, kind) }
      const { run, sent, acknowledged, measured } = given({ failures, isRecorded: false })
      expect(await run()).toBe(false)
      expect([sent, acknowledged]).toEqual([[1, 2], [1]])
      expect(measured).toEqual([`fenced ${CHANNEL}`, 'relay.fenced'])
    },
  )

  test('whose message fails is logged with the event, its earlier attempts and the wait, and the error is stored', async () => {
    const { eventId, userId } = givenEvent(1, 2, NOW)
    const about = { channel: CHANNEL, eventId, userId, attempts: 2 }
    const passing = new PublishFailure('ambiguous', 'no answer')
    const retried = given({ failures: { 2: passing }, attempts: [0, 2] })
    await retried.run()
    const waits = { ...about, kind: 'ambiguous', waitSeconds: 0.2 }
    expect([retried.logged, retried.errors]).toEqual([[['warn', waits, undefined]], ['no answer']])
    const final = new PublishFailure('permanent', 'too large')
    const parked = given({ failures: { 2: final }, attempts: [0, 2] })
    await parked.run()
    expect([parked.logged, parked.errors]).toEqual([[['error', about, final]], ['too large']])
    const lost = given({ failures: { 2: final }, attempts: [0, 2], isRecorded: false })
    await lost.run()
    expect(lost.logged).toEqual([['warn', { ...about, shard: LEASE.shard }, undefined]])
  })

  // A replay says nothing about how long a change takes to arrive.
  test('is measured from each change to its acknowledgement, without what is replayed', async () => {
    const { run, sent, delays } = given({ replayIds: [null, 'a replay', null] })
    await run()
    expect([sent, delays]).toEqual([
      [1, 2, 3],
      [1, 3],
    ])
  })

  test('is acknowledged with the instant at which each answer came', async () => {
    const { run, delays, receivedAt, during } = given({})
    const later = secondsAfter(NOW, 10)
    during(2, (state) => {
      state.now = later
    })
    await run()
    expect(receivedAt).toEqual([NOW, later, later])
    expect(delays).toEqual([1, 12, 13])
  })

  test('is a fault when the sender fails in a way that it does not declare', async () => {
    const failures = { 1: new Error('a defect') as PublishFailure }
    await expect(given({ failures }).run()).rejects.toThrow('a defect')
  })
})

describe('a chain to a receiver of present states', () => {
  const channel = 'http:backend'

  test('is one message: the newest version', async () => {
    const { run, sent, acknowledged } = given({ channel })
    expect(await run()).toBe(true)
    expect([sent, acknowledged]).toEqual([[3], [3]])
  })

  // Every version of the user waits behind the oldest one, and the wait grows with its attempts.
  test('that fails for now has the oldest version wait, for as long as its own attempts say', async () => {
    const failures = { 3: new PublishFailure('retryable', 'answered 503') }
    const { run, sent, failed } = given({ channel, failures, attempts: [3, 0, 0] })
    expect(await run()).toBe(false)
    expect([sent, failed]).toEqual([[3], ['retry 1 under 3 400']])
  })

  test('that is refused for good parks the newest version, and no other', async () => {
    const failures = { 3: new PublishFailure('permanent', 'answered 422') }
    const { run, failed } = given({ channel, failures })
    expect(await run()).toBe(true)
    expect(failed).toEqual(['park 3 under 3'])
  })
})
