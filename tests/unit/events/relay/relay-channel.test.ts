import { describe, expect, test } from 'bun:test'
import type { ChainEnd } from '../../../../src/application/events/relay/deliver-chain.ts'
import { makeRelayChannel } from '../../../../src/application/events/relay/relay-channel.ts'
import { shardOf } from '../../../../src/domain/events/user-event.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import { ALL_SHARDS, givenEvent } from '../../../support/builders/events/given-events.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { CHANNEL } from '../../../support/fakes/events/relay-run.ts'

const USERS = 40
const IN_FLIGHT = 32
/** When fewer chains than this wait, more are read. */
const FEW = 64
/** More than one look at the outbox finds. */
const MANY = 1500
const NOW = new Date('2026-11-24T00:00:00.000Z')

/** A channel on which one event of each user is due, with a broker that answers when the test says so. */
const givenChannel = (users = USERS) => {
  const outbox = listedDeliveries()
  for (let user = 0; user < users; user += 1) outbox.add(CHANNEL, givenEvent(user, 1, NOW))
  const sent: UserId[] = []
  const answers: ((end: ChainEnd | Promise<never>) => void)[] = []
  const logged: string[] = []
  const read: number[] = []
  let isReady = true
  let polls = 0
  let epoch = 1
  let reading = Promise.resolve()
  const channel = makeRelayChannel(
    {
      deliveries: {
        ...outbox.deliveries,
        due: async (query) => {
          const due = await outbox.deliveries.due(query)
          read.push(due.length)
          await reading
          return due
        },
      },
      held: {
        shards: () => ALL_SHARDS,
        leaseFor: (user) => ({ shard: shardOf(user), epoch }),
      },
      sender: {
        isReady: () => isReady,
        sendSeconds: 1,
        send: () => Promise.reject(new Error('never asked')),
      },
      deliverChain: ([first]) => {
        if (first !== undefined) sent.push(first.event.userId)
        return new Promise((resolve) => answers.push(resolve))
      },
      log: (level, event) => logged.push(`${level} ${event}`),
      clock: () => NOW,
    },
    CHANNEL,
    () => {
      polls += 1
    },
  )
  const endAll = async (end: ChainEnd | Promise<never>) => {
    for (const resolve of answers.splice(0)) resolve(end)
    await Bun.sleep(0)
  }
  const answer = (end: Partial<ChainEnd> = {}) =>
    endAll({ wentOn: true, written: Promise.resolve(), ...end })
  const lookAgain = () => channel.startDue(new AbortController().signal)
  return {
    channel,
    sent,
    answer,
    fail: () => endAll(Promise.reject(new Error('a defect'))),
    lookAgain,
    logged,
    /** How many deliveries each look at the outbox found. */
    read,
    polls: () => polls,
    setReady: (ready: boolean) => {
      isReady = ready
    },
    takeOver: () => {
      epoch += 1
    },
    /** What is read from now on arrives when the answer is called. */
    readSlowly: () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      reading = promise
      return resolve
    },
  }
}

describe('the chains of a channel', () => {
  test('wait while 32 are being sent, and follow without another poll', async () => {
    const { sent, answer, lookAgain } = givenChannel()
    expect(await lookAgain()).toBe(USERS)
    expect(sent).toHaveLength(IN_FLIGHT)
    await answer()
    expect(new Set(sent).size).toBe(USERS)
  })

  test('make room for others while their acknowledgements are being written', async () => {
    const { sent, answer, lookAgain } = givenChannel()
    await lookAgain()
    await answer({ written: new Promise(() => {}) })
    expect(sent).toHaveLength(USERS)
  })

  test('are not taken up again before their acknowledgements are written', async () => {
    const { sent, answer, lookAgain } = givenChannel()
    await lookAgain()
    await answer({ written: new Promise(() => {}) })
    expect(await lookAgain()).toBe(0)
    expect(sent).toHaveLength(USERS)
  })

  test('that still wait are not read again, so that no user has two when they begin meanwhile', async () => {
    const { sent, answer, lookAgain, readSlowly } = givenChannel()
    await lookAgain()
    const arrive = readSlowly()
    const looking = lookAgain()
    await answer({ written: new Promise(() => {}) })
    expect(sent).toHaveLength(USERS)
    arrive()
    expect(await looking).toBe(0)
    expect(sent).toHaveLength(USERS)
  })

  test('are read again before the last ones of many are being sent, and not while many wait', async () => {
    const { answer, lookAgain, polls, read } = givenChannel(MANY)
    await lookAgain()
    const [first = 0] = read
    expect(first).toBeLessThan(MANY)
    let waiting = first - IN_FLIGHT
    while (waiting >= FEW) {
      expect([polls(), await lookAgain(), read.length]).toEqual([0, 0, 1])
      await answer({ written: new Promise(() => {}) })
      waiting -= IN_FLIGHT
    }
    expect(polls()).toBeGreaterThan(0)
    expect(await lookAgain()).toBeGreaterThan(0)
  })

  test('are not read while the channel is not ready', async () => {
    const { sent, lookAgain, read, setReady } = givenChannel()
    setReady(false)
    expect([await lookAgain(), read]).toEqual([0, []])
    setReady(true)
    expect(await lookAgain()).toBe(USERS)
    expect(sent).toHaveLength(IN_FLIGHT)
  })

  test('that went on have the outbox read again at once', async () => {
    const { answer, lookAgain, polls } = givenChannel()
    await lookAgain()
    await answer()
    expect(polls()).toBe(IN_FLIGHT)
  })

  test('that were broken off are left to the next regular look', async () => {
    const { answer, lookAgain, polls } = givenChannel()
    await lookAgain()
    await answer({ wentOn: false })
    expect(polls()).toBe(0)
  })

  test('that end by a fault are logged, left to the next regular look, and make room for others', async () => {
    const { sent, answer, fail, lookAgain, polls, logged } = givenChannel()
    await lookAgain()
    await fail()
    expect(polls()).toBe(0)
    expect(logged).toEqual(Array(IN_FLIGHT).fill('error relay.fault'))
    expect(sent).toHaveLength(USERS)
    await answer()
    expect(await lookAgain()).toBe(USERS)
  })

  test('that still wait are dropped when their shard has had another owner meanwhile', async () => {
    const { sent, answer, lookAgain, takeOver } = givenChannel()
    await lookAgain()
    takeOver()
    await answer()
    expect(sent).toHaveLength(IN_FLIGHT)
  })

  test('that are being sent are waited for when their shards are to be settled, and no others are', async () => {
    const { channel, sent, answer, lookAgain } = givenChannel(IN_FLIGHT)
    await lookAgain()
    const busy = new Set(sent.map(shardOf))
    const idle = ALL_SHARDS.filter((shard) => !busy.has(shard))
    await channel.settled(idle)
    let isSettled = false
    const settled = channel.settled([...busy].slice(0, 1)).then(() => {
      isSettled = true
    })
    await Bun.sleep(0)
    expect(isSettled).toBe(false)
    await answer()
    await settled
  })

  test('that still wait are never begun once their shards are to be settled', async () => {
    const { channel, sent, answer, lookAgain } = givenChannel()
    await lookAgain()
    const settled = channel.settled(ALL_SHARDS)
    await answer()
    await settled
    expect(sent).toHaveLength(IN_FLIGHT)
  })
})
