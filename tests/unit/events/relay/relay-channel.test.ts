import { describe, expect, test } from 'bun:test'
import type { ChainEnd } from '../../../../src/application/events/relay/deliver-chain.ts'
import { makeRelayChannel } from '../../../../src/application/events/relay/relay-channel.ts'
import type { Channel } from '../../../../src/domain/events/user-event.ts'
import { shardOf } from '../../../../src/domain/events/user-event.ts'
import type { UserId } from '../../../../src/domain/shared/ids.ts'
import type { Delivery } from '../../../../src/ports/driven/events/deliveries.ts'
import { ALL_SHARDS, givenEvent } from '../../../support/builders/events/given-events.ts'
import { listedDeliveries } from '../../../support/fakes/events/listed-deliveries.ts'
import { CHANNEL } from '../../../support/fakes/events/relay-run.ts'

const USERS = 40
const IN_FLIGHT = 32
/** When fewer lanes than this wait, more are read. */
const FEW = 64
/** More than one look at the outbox finds. */
const MANY = 1500
const NOW = new Date('2026-11-24T00:00:00.000Z')

type Offer = { readonly isFirst?: boolean; readonly begunAt?: number }

/** A channel on which one event of each user is due, with a broker that answers when the test says so. */
const givenChannel = (users = USERS, name: Channel = CHANNEL) => {
  const outbox = listedDeliveries()
  for (let user = 0; user < users; user += 1) outbox.add(name, givenEvent(user, 1, NOW))
  const sent: UserId[] = []
  const chains: (readonly number[])[] = []
  const stopping = new AbortController()
  const answers: ((end: ChainEnd | Promise<never>) => void)[] = []
  const logged: (readonly unknown[])[] = []
  const taken: Delivery[] = []
  const read: number[] = []
  let isReady = true
  let polls = 0
  let epoch = 1
  let elapsed = 0
  let takenAt = 0
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
        leaseSince: (user, instant) => (instant < takenAt ? null : { shard: shardOf(user), epoch }),
      },
      sender: {
        isReady: () => isReady,
        sendSeconds: 1,
        send: () => Promise.reject(new Error('never asked')),
      },
      deliverChain: (chain) => {
        taken.push(...chain)
        chains.push(chain.map(({ event }) => event.version))
        for (const { event } of chain.slice(0, 1)) sent.push(event.userId)
        return new Promise((resolve) => answers.push(resolve))
      },
      log: (level, event, fields, fault) => logged.push([`${level} ${event}`, fields, fault]),
      clock: () => NOW,
      monotonic: () => elapsed,
      isQuiet: () => true,
    },
    name,
    () => {
      polls += 1
    },
    stopping.signal,
  )
  const defect = new Error('a defect')
  const endAll = async (end: ChainEnd | Promise<never>) => {
    for (const resolve of answers.splice(0)) resolve(end)
    await Bun.sleep(0)
  }
  const answer = (end: Partial<ChainEnd> = {}) =>
    endAll({ wentOn: true, written: Promise.resolve(), ...end })
  /** Ends the chain that has lasted longest. */
  const answerOne = async () => {
    answers.shift()?.({ wentOn: true, written: Promise.resolve() })
    await Bun.sleep(0)
  }
  const lookAgain = () => channel.startDue()
  const offer = (
    user: number,
    version: number,
    { isFirst = true, begunAt = elapsed }: Offer = {},
  ) =>
    channel.take({
      event: givenEvent(user, version, NOW),
      pending: [{ channel: name, isFirst }],
      begunAt,
    })
  return {
    channel,
    sent,
    /** The versions of each chain that was sent. */
    chains,
    /** The deliveries of all chains, as they were sent. */
    taken,
    stopping,
    outbox,
    offer,
    /** Commits a version of a user, and offers it. */
    commit: (user: number, version: number, more: Offer = {}) => {
      outbox.add(name, givenEvent(user, version, NOW))
      return offer(user, version, more)
    },
    /** The shards were taken at this instant. */
    takeShards: (instant: number) => {
      takenAt = instant
    },
    pass: (milliseconds: number) => {
      elapsed += milliseconds
    },
    /** Writes the acknowledgements of the oldest thousand. */
    acknowledge: async () => {
      const due = await outbox.deliveries.due({
        channel: name,
        shards: ALL_SHARDS,
        except: [],
        limit: 1024,
        now: NOW,
      })
      const receipt = { stream: 'USER_EVENTS', sequence: 1, duplicate: false }
      await outbox.deliveries.acknowledge(due.map((delivery) => ({ delivery, receipt, at: NOW })))
    },
    answer,
    answerOne,
    defect,
    fail: () => endAll(Promise.reject(defect)),
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

  test('that were there at a look that was asked for have the outbox read again when they end', async () => {
    const { channel, answer, lookAgain, polls } = givenChannel()
    await lookAgain()
    channel.expectMore()
    expect(polls()).toBe(1)
    expect(await lookAgain()).toBe(0)
    await answer()
    expect(polls()).toBe(1 + IN_FLIGHT)
  })

  test('that were there at a regular look only do not', async () => {
    const { answer, lookAgain, polls } = givenChannel()
    await lookAgain()
    await lookAgain()
    await answer()
    await answer()
    expect(polls()).toBe(0)
  })

  test('that were broken off are left to the next regular look', async () => {
    const { channel, answer, lookAgain, polls } = givenChannel()
    await lookAgain()
    // There may be more of their users. But an early look would only take them up again.
    channel.expectMore()
    await lookAgain()
    await answer({ wentOn: false })
    expect(polls()).toBe(1)
  })

  test('that end by a fault are logged, left to the next regular look, and make room for others', async () => {
    const { channel, sent, answer, fail, defect, lookAgain, polls, logged } = givenChannel()
    await lookAgain()
    channel.expectMore()
    await lookAgain()
    await fail()
    expect(polls()).toBe(1)
    const fields = { during: 'deliver', channel: CHANNEL }
    expect(logged).toEqual(Array(IN_FLIGHT).fill(['error relay.fault', fields, defect]))
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
    // They are not lost: the next look finds them, under the new lease.
    expect(await lookAgain()).toBe(USERS)
    await answer()
    expect(new Set(sent).size).toBe(USERS)
  })

  test('that have more to send while all places are taken are not read again', async () => {
    const { commit, offer, chains, answerOne, answer, lookAgain } = givenChannel(IN_FLIGHT + 1)
    await lookAgain()
    commit(0, 2, { isFirst: false })
    await answerOne()
    // The place is taken by the last user, and all that was sent of the first one is acknowledged.
    expect(chains).toEqual(Array(IN_FLIGHT + 1).fill([1]))
    expect(await lookAgain()).toBe(0)
    expect(offer(0, 3, { isFirst: false })).toBe(true)
    await answer()
    expect(chains.slice(IN_FLIGHT + 1)).toEqual([[2, 3]])
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

describe('what this instance has just committed', () => {
  test('is sent without a look', () => {
    const { commit, chains, read, taken } = givenChannel(0)
    expect(commit(1, 1)).toBe(true)
    expect([chains, read]).toEqual([[[1]], []])
    const event = givenEvent(1, 1, NOW)
    expect(taken).toEqual([{ channel: CHANNEL, event, attempts: 0, replayId: null }])
  })

  test('is left to a look when something older is owed', () => {
    const { commit, chains } = givenChannel(0)
    expect(commit(1, 2, { isFirst: false })).toBe(false)
    expect(chains).toEqual([])
  })

  test('is left to a look when the shard was taken after the statement had begun', () => {
    const { commit, chains, takeShards } = givenChannel(0)
    takeShards(5)
    expect([commit(1, 1, { begunAt: 4 }), chains]).toEqual([false, []])
    expect([commit(2, 1, { begunAt: 5 }), chains]).toEqual([true, [[1]]])
  })

  test('is left to a look while the channel is not ready, and once the relay stops', () => {
    const { commit, chains, setReady, stopping } = givenChannel(0)
    setReady(false)
    expect(commit(1, 1)).toBe(false)
    setReady(true)
    stopping.abort()
    expect([commit(2, 1), chains]).toEqual([false, []])
  })

  test('needs no look where it is not to be delivered', () => {
    const { channel, chains } = givenChannel(0)
    const pending = [{ channel: 'nats:user.events.v2', isFirst: true }] as const
    const event = givenEvent(1, 1, NOW)
    expect([channel.take({ event, pending, begunAt: 0 }), chains]).toEqual([true, []])
  })

  test('is sent after the version before, although that is still owed', async () => {
    const { commit, chains, answer, polls } = givenChannel(0)
    commit(1, 1)
    expect([2, 3].map((version) => commit(1, version, { isFirst: false }))).toEqual([true, true])
    expect(chains).toEqual([[1]])
    await answer({ written: new Promise(() => {}) })
    expect(chains).toEqual([[1], [2, 3]])
    expect([commit(1, 4, { isFirst: false }), chains.length]).toEqual([true, 2])
    await answer()
    expect([chains, polls()]).toEqual([[[1], [2, 3], [4]], 0])
  })

  test('waits until the version before is acknowledged where only the newest is sent', async () => {
    const { commit, chains, answer } = givenChannel(0, 'http:backend')
    commit(1, 1)
    commit(1, 2, { isFirst: false })
    const { promise, resolve } = Promise.withResolvers<void>()
    await answer({ written: promise })
    expect(chains).toEqual([[1]])
    expect(commit(1, 3, { isFirst: false })).toBe(true)
    expect(chains).toEqual([[1]])
    resolve()
    await Bun.sleep(0)
    expect(chains).toEqual([[1], [2, 3]])
  })

  test('is not sent before a version that is not known yet, and is looked for when the lane ends', async () => {
    const { commit, chains, answer, polls } = givenChannel(0)
    commit(1, 1)
    expect(commit(1, 3, { isFirst: false })).toBe(false)
    expect(polls()).toBe(0)
    await answer()
    expect([chains, polls()]).toEqual([[[1]], 1])
  })

  test('is not sent again when a look has found it first', async () => {
    const { offer, chains, answer, lookAgain } = givenChannel(1)
    await lookAgain()
    expect([offer(0, 1), chains]).toEqual([true, [[1]]])
    await answer()
    expect(chains).toEqual([[1]])
  })

  test('is not sent again when a look has found it and it was delivered before its answer came', async () => {
    const { commit, offer, chains, answer, lookAgain, pass } = givenChannel(1)
    await lookAgain()
    pass(10)
    await answer()
    expect([offer(0, 1, { begunAt: 0 }), chains]).toEqual([false, [[1]]])
    expect([commit(0, 2), chains]).toEqual([true, [[1], [2]]])
  })

  test('is not sent again by a look that began before it was delivered', async () => {
    const { offer, chains, answer, lookAgain, readSlowly, acknowledge, polls } = givenChannel(1)
    const arrive = readSlowly()
    const looking = lookAgain()
    expect(offer(0, 1)).toBe(true)
    await answer()
    await acknowledge()
    arrive()
    expect(await looking).toBe(0)
    expect([chains, polls()]).toEqual([[[1]], 1])
  })

  test('after a failure is left to the next regular look', async () => {
    const { commit, chains, answer, polls } = givenChannel(0)
    commit(1, 1)
    commit(1, 2, { isFirst: false })
    const { promise, resolve } = Promise.withResolvers<void>()
    await answer({ wentOn: false, written: promise })
    expect(commit(1, 3, { isFirst: false })).toBe(false)
    resolve()
    await Bun.sleep(0)
    expect([chains, polls()]).toEqual([[[1]], 0])
  })

  test('gets no second lane beside one that was broken off, whatever is owed', async () => {
    const { commit, chains, answer } = givenChannel(0)
    commit(1, 1)
    await answer({ wentOn: false, written: new Promise(() => {}) })
    expect(commit(1, 2, { isFirst: true })).toBe(false)
    expect(chains).toEqual([[1]])
  })

  test('is left to a look while what was sent under an earlier lease is not done', async () => {
    const { commit, chains, answer, takeOver, polls } = givenChannel(0)
    commit(1, 1)
    takeOver()
    expect(commit(1, 2, { isFirst: false })).toBe(false)
    await answer()
    expect([chains, polls()]).toEqual([[[1]], 1])
  })

  test('is dropped when its shard is handed back, and holds nothing up', async () => {
    const { channel, commit, chains, answer, takeOver } = givenChannel(0)
    commit(1, 1)
    commit(1, 2, { isFirst: false })
    const settled = channel.settled(ALL_SHARDS)
    takeOver()
    await answer()
    await settled
    expect(chains).toEqual([[1]])
  })

  test('is left to a look while a thousand users wait for their turn', async () => {
    const { commit, channel, answer, polls, read } = givenChannel(0)
    const taken = Array.from({ length: MANY }, (_, user) => commit(user, 1)).filter(Boolean)
    expect(taken).toHaveLength(IN_FLIGHT + 1024)
    channel.expectMore()
    expect([await channel.startDue(), read, polls()]).toEqual([0, [], 1])
    // The look that was asked for is made as soon as there is room.
    for (let turn = 0; turn < 31; turn += 1) await answer({ written: new Promise(() => {}) })
    expect(polls()).toBeGreaterThan(1)
  })

  test('is left to a look when there are thousands whose acknowledgements are not written', async () => {
    const { commit, channel, answer, read, polls } = givenChannel(0)
    const { promise, resolve } = Promise.withResolvers<void>()
    let user = 0
    while (user < 10_000 && commit(user, 1)) {
      user += 1
      if (user % IN_FLIGHT === 0) await answer({ written: promise })
    }
    expect(user).toBe(4096)
    channel.expectMore()
    expect([await channel.startDue(), read]).toEqual([0, []])
    const before = polls()
    resolve()
    await Bun.sleep(0)
    expect(polls()).toBeGreaterThan(before)
  })

  test('is left to a look when 64 versions of the user wait', () => {
    const { commit } = givenChannel(0)
    commit(1, 1)
    const taken = Array.from({ length: 70 }, (_, index) => commit(1, index + 2, { isFirst: false }))
    expect(taken.filter(Boolean)).toHaveLength(64)
    expect(taken.lastIndexOf(true)).toBe(63)
  })

  test('is left to a look when its statement is older than what is remembered of 10 000 users', async () => {
    const { commit, answer, pass } = givenChannel(0)
    const begunAt = 1
    pass(1)
    const endOf = async (users: readonly number[]) => {
      for (const user of users) {
        commit(user, 1)
        if (user % IN_FLIGHT === 0) await answer()
      }
      await answer()
    }
    await endOf(Array.from({ length: 10_000 }, (_, user) => user))
    expect(commit(20_000, 1, { begunAt })).toBe(true)
    pass(1)
    await answer()
    expect(commit(20_001, 1, { begunAt })).toBe(false)
    expect(commit(20_002, 1, { begunAt: 2 })).toBe(true)
  }, 30_000)
})

describe('a look', () => {
  test('opens no lane for what it has read before the shard was taken', async () => {
    const { lookAgain, chains, readSlowly, takeShards, pass } = givenChannel(1)
    const arrive = readSlowly()
    const looking = lookAgain()
    pass(10)
    takeShards(5)
    arrive()
    expect([await looking, chains]).toEqual([0, []])
    expect([await lookAgain(), chains]).toEqual([1, [[1]]])
  })

  test('that finds a user whose lane was opened meanwhile is repeated when the lane ends', async () => {
    const { offer, lookAgain, answer, readSlowly, polls } = givenChannel(1)
    const arrive = readSlowly()
    const looking = lookAgain()
    offer(0, 1)
    arrive()
    await looking
    expect(polls()).toBe(0)
    await answer()
    expect(polls()).toBe(1)
  })

  test('that had room for a part of the versions of a user is repeated when they are done', async () => {
    const { outbox, lookAgain, answer, polls } = givenChannel(0)
    for (let version = 1; version <= MANY; version += 1)
      outbox.add(CHANNEL, givenEvent(1, version, NOW))
    expect(await lookAgain()).toBe(1)
    const { promise, resolve } = Promise.withResolvers<void>()
    await answer({ written: promise })
    expect(await lookAgain()).toBe(0)
    const before = polls()
    resolve()
    await Bun.sleep(0)
    expect(polls()).toBe(before + 1)
  })

  test('leaves out a user until all acknowledgements are written', async () => {
    const { commit, lookAgain, answer, chains } = givenChannel(0)
    const { promise, resolve } = Promise.withResolvers<void>()
    commit(1, 1)
    await answer({ written: promise })
    commit(1, 2, { isFirst: false })
    await answer({ written: new Promise(() => {}) })
    resolve()
    await Bun.sleep(0)
    expect([await lookAgain(), chains]).toEqual([0, [[1], [2]]])
  })
})
