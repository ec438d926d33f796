import { describe, expect, test } from 'bun:test'
import type { HeldShards } from '../../../../src/application/events/relay/shard-ownership.ts'
import { makeShardOwnership } from '../../../../src/application/events/relay/shard-ownership.ts'
import { SHARDS, shardOf } from '../../../../src/domain/events/user-event.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'
import type { LeaseHolding, Leases } from '../../../../src/ports/driven/events/leases.ts'
import type { LogFields } from '../../../../src/ports/driven/shared/log.ts'
import { givenUserId } from '../../../support/builders/events/given-events.ts'
import { singleOwner } from '../../../support/fakes/events/listed-leases.ts'
import { silentMeasurements } from '../../../support/fakes/events/relay-run.ts'
import { virtualTime } from '../../../support/fakes/shared/virtual-time.ts'

const USER = givenUserId(1)
const SHARD = shardOf(USER)
const SEND_SECONDS = 2

const everyShard = (epoch = 1): LeaseHolding => ({
  held: Array.from({ length: SHARDS }, (_, shard) => ({ shard, epoch })),
  instances: 1,
  nextLapseSeconds: null,
})

/** Ownership in virtual time, with the leases that the test answers. */
const given = ({
  keep = async () => everyShard(),
  settle = async () => {},
  ...leases
}: Partial<Leases> & { readonly settle?: (shards: readonly number[]) => Promise<void> } = {}) => {
  const time = virtualTime()
  const stopping = new AbortController()
  const asked: number[] = []
  const steps: string[] = []
  const logged: string[] = []
  const said: LogFields[] = []
  const counted: (readonly [held: number, gained: number])[] = []
  const seconds = () => (time.clock().getTime() - START) / 1000
  const ownership = makeShardOwnership({
    leases: {
      keep: (instance) => {
        asked.push(seconds())
        return keep(instance)
      },
      handBack: async (instance, shards) => {
        steps.push(`${instance} hands back ${shards.length}`)
        await leases.handBack?.(instance, shards)
      },
      leave: async (instance) => {
        steps.push(`${instance} leaves`)
        await leases.leave?.(instance)
      },
    },
    instance: 'this',
    monotonic: () => time.clock().getTime(),
    pause: time.pause,
    measurements: {
      ...silentMeasurements,
      leases: (held, gained) => counted.push([held, gained]),
    },
    log: (level, event, fields = {}) => {
      logged.push(`${level} ${event}`)
      said.push(fields)
    },
  })
  const held = ownership.heldFor(SEND_SECONDS)
  const run = () => {
    const running = ownership.run(settle, stopping.signal)
    return time.advance(0).then(() => running)
  }
  return { time, ownership, held, run, stopping, asked, steps, logged, said, counted, seconds }
}

const START = new Date('2026-11-24T00:00:00.000Z').getTime()
const shardsAndLease = (held: HeldShards) => [held.shards().length, held.leaseFor(USER)]

describe('the ownership of shards', () => {
  test('begins with nothing, and gives every shard that the answer names, with its epoch', async () => {
    const { time, held, run, counted } = given({ keep: async () => everyShard(7) })
    expect(shardsAndLease(held)).toEqual([0, null])
    void run()
    await time.advance(0)
    expect(shardsAndLease(held)).toEqual([SHARDS, { shard: SHARD, epoch: 7 }])
    expect(counted).toEqual([[SHARDS, SHARDS]])
  })

  test('is told once when shards are gained, and measured at each renewal', async () => {
    let holding = { ...everyShard(), held: [{ shard: 0, epoch: 1 }] }
    const { time, run, logged, said, counted } = given({ keep: async () => holding })
    void run()
    await time.advance(3_000)
    expect(said).toEqual([{ gained: 1, held: 1 }])
    holding = {
      ...holding,
      held: [...holding.held, { shard: 1, epoch: 1 }, { shard: 2, epoch: 5 }],
    }
    await time.advance(3_000)
    expect(said).toEqual([
      { gained: 1, held: 1 },
      { gained: 2, held: 3 },
    ])
    expect(logged).toEqual(Array(2).fill('info relay.shards-taken'))
    expect(counted).toEqual([
      [1, 1],
      [1, 0],
      [3, 2],
    ])
  })

  test('is known to be without a break since the answer that brought the lease, as long as its epoch is the same', async () => {
    let epoch = 1
    let answers = (): Promise<void> => Promise.resolve()
    const { time, held, run } = given({
      keep: async () => {
        await answers()
        return everyShard(epoch)
      },
    })
    expect(held.leaseSince(USER, Number.POSITIVE_INFINITY)).toBeNull()
    const { promise, resolve } = Promise.withResolvers<void>()
    answers = () => promise
    void run()
    await time.advance(1_000)
    resolve()
    await time.advance(0)
    const lease = { shard: SHARD, epoch: 1 }
    expect(held.leaseSince(USER, START + 999)).toBeNull()
    expect(held.leaseSince(USER, START + 1_000)).toEqual(lease)
    await time.advance(3_000)
    expect(held.leaseSince(USER, START + 1_000)).toEqual(lease)
    epoch = 3
    await time.advance(3_000)
    expect(held.leaseFor(USER)).toEqual({ shard: SHARD, epoch: 3 })
    expect(held.leaseSince(USER, START + 6_999)).toBeNull()
    expect(held.leaseSince(USER, START + 7_000)).toEqual({ shard: SHARD, epoch: 3 })
  })

  // The lease lasts 10 seconds, a send may take 2, and 1 second is for safety.
  test('ends the time of a send and a second before the lease, when it is not renewed', async () => {
    let isAway = false
    const { time, held, ownership, run, logged, said } = given({
      keep: async () => {
        if (isAway) throw new Unavailable('the database is not available')
        isAway = true
        return everyShard()
      },
    })
    void run()
    await time.advance(6_999)
    expect(shardsAndLease(held)).toEqual([SHARDS, { shard: SHARD, epoch: 1 }])
    expect(shardsAndLease(ownership.heldFor(3))).toEqual([0, null])
    await time.advance(1)
    expect(shardsAndLease(held)).toEqual([0, null])
    expect(shardsAndLease(ownership.heldFor(1))).toEqual([SHARDS, { shard: SHARD, epoch: 1 }])
    expect(logged).toContain('error relay.fault')
    expect(said).toContainEqual({ during: 'keep leases' })
  })

  test('is counted from before the question, however late the answer comes', async () => {
    let answer = (_: LeaseHolding): void => {}
    let questions = 0
    const { time, held, run } = given({
      keep: () => {
        questions += 1
        return questions > 1
          ? new Promise(() => {})
          : new Promise((resolve) => {
              answer = resolve
            })
      },
    })
    void run()
    await time.advance(5_000)
    answer(everyShard())
    await time.advance(1_999)
    expect(held.shards()).toHaveLength(SHARDS)
    await time.advance(1)
    expect(shardsAndLease(held)).toEqual([0, null])
  })

  test('is not lengthened by a question that fails, and a later one is asked after half a second', async () => {
    let isAway = false
    const { time, held, run, asked } = given({
      keep: async () => {
        if (isAway) throw new Unavailable('the database is not available')
        return everyShard()
      },
    })
    void run()
    await time.advance(0)
    isAway = true
    await time.advance(5_000)
    expect(asked).toEqual([0, 3, 3.5, 4, 4.5, 5])
    await time.advance(2_000)
    expect(held.shards()).toEqual([])
    isAway = false
    await time.advance(500)
    expect(held.shards()).toHaveLength(SHARDS)
  })

  test('takes what each answer says: lost shards are not offered any more, and a new epoch is used', async () => {
    let holding = everyShard()
    const { time, held, run, counted } = given({ keep: async () => holding })
    void run()
    await time.advance(0)
    holding = { ...everyShard(2), held: [{ shard: SHARD, epoch: 2 }] }
    await time.advance(3_000)
    expect([held.shards(), held.leaseFor(USER)]).toEqual([[SHARD], { shard: SHARD, epoch: 2 }])
    holding = { ...everyShard(), held: [] }
    await time.advance(3_000)
    expect(shardsAndLease(held)).toEqual([0, null])
    expect(counted).toEqual([
      [SHARDS, SHARDS],
      [1, 1],
      [0, 0],
    ])
  })

  test('hands the surplus back only when it is settled, and offers none of it meanwhile', async () => {
    let settled = (): void => {}
    const settling: (readonly number[])[] = []
    let holding: LeaseHolding = { ...everyShard(), instances: 2 }
    const { time, held, run, steps } = given({
      keep: async () => holding,
      settle: (shards) => {
        settling.push(shards)
        return new Promise((resolve) => {
          settled = resolve
        })
      },
    })
    void run()
    await time.advance(1_000)
    const kept = Array.from({ length: SHARDS / 2 }, (_, shard) => shard)
    const surplus = kept.map((shard) => shard + SHARDS / 2)
    const users = Array.from({ length: 200 }, (_, number) => givenUserId(number))
    const leased = () => new Set(users.filter((user) => held.leaseFor(user) !== null).map(shardOf))
    expect(settling).toEqual([surplus])
    expect(held.shards()).toEqual(kept)
    expect([...leased()].every((shard) => kept.includes(shard))).toBe(true)
    expect(steps).toEqual([])
    settled()
    await time.advance(0)
    expect(steps).toEqual([`this hands back ${SHARDS / 2}`])
    expect(held.shards()).toEqual(kept)
    expect([...leased()].every((shard) => kept.includes(shard))).toBe(true)
    // What comes back later is offered again.
    holding = everyShard(3)
    await time.advance(3_000)
    expect(held.shards()).toHaveLength(SHARDS)
    expect(leased().size).toBeGreaterThan(kept.length)
  })

  test('of shards that could not be handed back returns with the next answer', async () => {
    let holding: LeaseHolding = { ...everyShard(), instances: 2 }
    const { time, held, run } = given({
      keep: async () => holding,
      handBack: () => Promise.reject(new Unavailable('the database is not available')),
    })
    void run()
    await time.advance(0)
    // Whether the database has freed them is unknown.
    expect(held.shards()).toHaveLength(SHARDS / 2)
    holding = everyShard()
    await time.advance(1_000)
    expect(held.shards()).toHaveLength(SHARDS)
  })

  test.each([
    [2, 32],
    [3, 22],
    [64, 1],
    [100, 1],
  ])('among %d instances keeps %d shards', async (instances, kept) => {
    const { time, held, run, steps } = given({ keep: async () => ({ ...everyShard(), instances }) })
    void run()
    await time.advance(0)
    expect(held.shards()).toHaveLength(kept)
    expect(steps).toEqual([`this hands back ${SHARDS - kept}`])
  })

  test.each([
    [null, 3],
    [9.5, 3],
    [1.2, 1.2],
    [0.05, 0.2],
  ])(
    'is renewed, or looks for a lease that lapses in %p seconds, after %d seconds',
    async (nextLapseSeconds, wait) => {
      const { time, run, asked } = given({
        keep: async () => ({ ...everyShard(), nextLapseSeconds }),
      })
      void run()
      await time.advance(wait * 1000 - 1)
      expect(asked).toEqual([0])
      await time.advance(1)
      expect(asked).toEqual([0, wait])
    },
  )

  test('is looked for at once when another instance has left', async () => {
    const { time, ownership, run, asked } = given()
    void run()
    await time.advance(1_000)
    ownership.lookNow()
    await time.advance(0)
    expect(asked).toEqual([0, 1])
  })

  test('is not asked for any more once the instance stops', async () => {
    const { time, run, stopping, asked } = given()
    const stopped = run()
    await time.advance(1_000)
    stopping.abort()
    await stopped
    await time.advance(20_000)
    expect(asked).toEqual([0])
  })

  test('ends before the other instances may take the shards, when the instance leaves', async () => {
    const offered: unknown[] = []
    const subject = given({ leave: async () => void offered.push(shardsAndLease(subject.held)) })
    void subject.run()
    await subject.time.advance(0)
    await subject.ownership.leave()
    expect(offered).toEqual([[0, null]])
    expect(subject.steps).toEqual(['this leaves'])
  })

  test('that cannot be handed over does not hinder the stop, and is logged', async () => {
    const { ownership, held, logged, said } = given({
      keep: singleOwner.keep,
      leave: () => Promise.reject(new Unavailable('the database is not available')),
    })
    await ownership.leave()
    expect([logged, said]).toEqual([['warn relay.fault'], [{ during: 'leave' }]])
    expect(held.shards()).toEqual([])
  })
})
