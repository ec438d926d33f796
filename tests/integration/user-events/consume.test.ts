import { afterAll, afterEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type {
  ConsumeOptions,
  ConsumerResult,
  MemoryTransaction,
  SchemaVersion,
} from '../../../packages/user-events/src/index.ts'
import { readDeadLetter } from '../../../packages/user-events/src/index.ts'
import { givenConsumers } from '../../support/builders/events/given-consumers.ts'
import {
  eventIdOf,
  givenChange,
  givenEventStreams,
  givenUserEvent,
  userIdOf,
} from '../../support/builders/events/given-user-events.ts'
import { storedMessages } from '../../support/builders/events/stored-messages.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

setDefaultTimeout(60_000)

const nats = await givenNats()
const streams = await givenEventStreams(nats.connection)
afterAll(() => streams.close())

const consumers = givenConsumers(streams.connection)
afterEach(consumers.stopAll)

const QUICK = { firstRetrySeconds: 0.05, lastRetrySeconds: 0.2 }
let names = 0

/** A consumer that is ready, and what its handler was given: the end of the user's id and the version. */
const givenConsumer = async <Version extends SchemaVersion = 1>(
  options: Partial<ConsumeOptions<Version, MemoryTransaction>>,
) => {
  names += 1
  const name = `c${names}`
  const handled: string[] = []
  const started = await consumers.start<Version>(name, {
    handle: async ({ userId, version }) => {
      handled.push(`${userId.slice(-2)}:${version}`)
    },
    ...options,
    limits: { ...QUICK, ...options.limits },
  })
  await started.consumer.ready
  return { ...started, handled, name }
}
const soon = (what: string, expectation: () => void) =>
  eventually(what, 30, async () => expectation())

describe('a consumer', () => {
  test('applies each version of a user once, and reports the result of the others', async () => {
    const mine = await givenConsumer({})
    const send = (
      version: number,
      replayId: string | null = null,
      eventId = eventIdOf(1, version),
    ) =>
      streams.publish(
        'user.events',
        givenUserEvent(givenChange(1, version, { eventId }), 1, replayId),
      )
    await send(1)
    await send(2)
    await send(2, 'again')
    await send(1, 'again')
    await send(2, null, eventIdOf(9, 2))
    await send(5)
    await soon('all settled', () =>
      expect(mine.kinds()).toEqual(['applied', 'applied', 'duplicate', 'stale', 'conflict', 'gap']),
    )
    expect(mine.handled).toEqual(['01:1', '01:2', '01:5'])
    expect(mine.results.at(-1)).toMatchObject({
      consumer: mine.name,
      subject: 'user.events',
      stream: 'USER_EVENTS',
      delivery: 1,
      eventId: eventIdOf(1, 5),
      userId: userIdOf(1),
      version: 5,
      skipped: 2,
    })
  })

  test('reads what is meant for it alone, through the same guard', async () => {
    const mine = await givenConsumer({})
    await streams.publish(`direct.user.events.${mine.name}`, givenUserEvent(givenChange(2, 7), 2))
    // Two streams have no order among them: only what is applied is sure to be before what comes now.
    await soon('applied', () => expect(outcomesOf(mine.results, 2)).toHaveLength(1))
    await streams.publish('user.events', givenUserEvent(givenChange(2, 6)))
    await soon('both settled', () => expect(outcomesOf(mine.results, 2)).toHaveLength(2))
    expect(mine.handled.filter((one) => one.startsWith('02'))).toEqual(['02:7'])
    const streamOf = (kind: string) =>
      mine.results.find((result) => result.userId === userIdOf(2) && result.kind === kind)?.stream
    expect([streamOf('applied'), streamOf('stale')]).toEqual(['USER_EVENTS_DIRECT', 'USER_EVENTS'])
  })

  test('does not revive a deleted user for a late update, but does for a newer one', async () => {
    const mine = await givenConsumer({})
    for (const change of [
      givenChange(3, 1),
      givenChange(3, 3, { action: 'deleted' }),
      givenChange(3, 2),
      givenChange(3, 1_000_004),
    ])
      await streams.publish('user.events', givenUserEvent(change))
    await soon('all four settled', () => expect(mine.handled).toContain('03:1000004'))
    expect(mine.handled.filter((one) => one.startsWith('03'))).toEqual([
      '03:1',
      '03:3',
      '03:1000004',
    ])
  })

  test('reads the same changes as a consumer of the other version', async () => {
    const changes = [1, 2, 3].map((version) => givenChange(4, version, { changed: ['role'] }))
    const seen: { first: string[]; second: string[] } = { first: [], second: [] }
    await givenConsumer<1>({
      handle: async ({ data, userId }) => {
        if (userId === userIdOf(4)) seen.first.push(data.displayName ?? '')
      },
    })
    await givenConsumer<2>({
      version: 2,
      handle: async ({ data, userId }) => {
        if (userId === userIdOf(4)) seen.second.push(`${data.version} ${data.changed.join()}`)
      },
    })
    for (const change of changes) {
      await streams.publish('user.events', givenUserEvent(change, 1))
      await streams.publish('user.events.v2', givenUserEvent(change, 2))
    }
    await soon('both are through', () =>
      expect(seen).toEqual({
        first: ['version 1', 'version 2', 'version 3'],
        second: ['1 role', '2 role', '3 role'],
      }),
    )
  })
})

describe('a handler', () => {
  test('that fails four times and then does not has one effect', async () => {
    let failures = 0
    const effects: number[] = []
    const mine = await givenConsumer({
      handle: async ({ userId, version }) => {
        if (userId !== userIdOf(5)) return
        if (failures < 4) {
          failures += 1
          throw new Error('not yet')
        }
        effects.push(version)
      },
    })
    await streams.publish('user.events', givenUserEvent(givenChange(5, 1)))
    await soon('applied at last', () => expect(effects).toEqual([1]))
    await soon('told', () =>
      expect(outcomesOf(mine.results, 5)).toEqual([
        { kind: 'retry', delivery: 1, delaySeconds: 0.05 },
        { kind: 'retry', delivery: 2, delaySeconds: 0.1 },
        { kind: 'retry', delivery: 3, delaySeconds: 0.2 },
        { kind: 'retry', delivery: 4, delaySeconds: 0.2 },
        { kind: 'applied', delivery: 5, delaySeconds: undefined },
      ]),
    )
  })

  test('that always fails leaves one dead letter with all that is needed, and its user goes on', async () => {
    const mine = await givenConsumer({
      handle: async ({ userId, version }) => {
        if (userId === userIdOf(6) && version === 1) throw new RangeError('ไม่ได้')
      },
    })
    const sent = givenUserEvent(givenChange(6, 1))
    const sequence = await streams.publish('user.events', sent)
    await soon('given up', () => expect(mine.kinds()).toContain('dead-letter'))
    await streams.publish('user.events', givenUserEvent(givenChange(6, 2)))
    await soon('applied', () => expect(outcomesOf(mine.results, 6)).toHaveLength(11))
    expect(outcomesOf(mine.results, 6).slice(9)).toMatchObject([
      { kind: 'dead-letter', delivery: 10 },
      { kind: 'applied', delivery: 1 },
    ])
    const [letter, ...others] = await lettersOf(mine.name)
    expect(others).toEqual([])
    expect(letter).toEqual({
      note: {
        consumer: mine.name,
        reason: 'handler-failed',
        detail: 'RangeError: ไม่ได้',
        attempts: 10,
        stream: 'USER_EVENTS',
        sequence,
        subject: 'user.events',
        at: expect.any(Date),
      },
      original: { headers: sent.headers, body: sent.body },
    })
    await eventually('acknowledged for good', 30, async () => {
      const { num_ack_pending } = await streams.api.consumers.info('USER_EVENTS', mine.name)
      expect(num_ack_pending).toBe(0)
    })
  })

  test('that fails is not asked again once a newer version is applied', async () => {
    const failing = Promise.withResolvers<void>()
    const mine = await givenConsumer({
      handle: async ({ userId, version }) => {
        if (userId !== userIdOf(8) || version !== 1) return
        await failing.promise
        throw new Error('no')
      },
    })
    await streams.publish('user.events', givenUserEvent(givenChange(8, 1)))
    await streams.publish('user.events', givenUserEvent(givenChange(8, 2)))
    // The newer one has to be on its way before the older one can come again.
    await eventually('both handed out', 30, async () => {
      const { num_pending } = await streams.api.consumers.info('USER_EVENTS', mine.name)
      expect(num_pending).toBe(0)
    })
    failing.resolve()
    await soon('overtaken', () =>
      expect(outcomesOf(mine.results, 8).map(({ kind }) => kind)).toEqual([
        'retry',
        'applied',
        'stale',
      ]),
    )
    expect(await lettersOf(mine.name)).toEqual([])
  })
})

describe('a message that is no event', () => {
  test('becomes a dead letter at once, and names what is wrong with it', async () => {
    const mine = await givenConsumer({})
    const { headers } = givenUserEvent(givenChange(7, 1))
    const body = new TextEncoder().encode('{"id":7}')
    await streams.publish(`direct.user.events.${mine.name}`, { headers, body })
    await soon('given up', () => expect(mine.kinds()).toContain('dead-letter'))
    const [letter] = await lettersOf(mine.name)
    expect(letter?.note).toMatchObject({ reason: 'malformed', attempts: 1 })
    expect(letter?.note.detail).toStartWith('email is missing; username is missing;')
    expect(letter?.original).toEqual({ headers, body })
  })
})

/** Of the results about one user: what, at which delivery. */
const outcomesOf = (results: readonly ConsumerResult[], user: number) =>
  results
    .filter(({ userId }) => userId === userIdOf(user))
    .map((result) => ({
      kind: result.kind,
      delivery: result.delivery,
      delaySeconds: result.kind === 'retry' ? result.delaySeconds : undefined,
    }))

const lettersOf = async (consumer: string) =>
  (await storedMessages(nats.connection, 'USER_EVENTS_DLQ'))
    .filter(({ subject }) => subject === `dlq.user.events.${consumer}`)
    .map(({ headers, body }) => readDeadLetter({ headers, body }))
