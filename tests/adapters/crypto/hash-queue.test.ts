import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { HashQueueLimits } from '../../../src/adapters/crypto/hash-queue.ts'
import { makeHashQueue } from '../../../src/adapters/crypto/hash-queue.ts'

/** Work that ends when `finish` is called, and records when it started. */
const given = (
  limits: Partial<HashQueueLimits> & Pick<HashQueueLimits, 'inFlight' | 'waiting'>,
) => {
  const queue = makeHashQueue({ waitSeconds: 60, waitingPerClient: limits.waiting, ...limits })
  const started: string[] = []
  const offer = (name: string, client: string | null = null) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const outcome = queue.run(client, () => {
      started.push(name)
      return promise
    })
    return { outcome, finish: () => resolve(name) }
  }
  return { queue, started, offer }
}

describe('the hash queue', () => {
  test('limits how many run at once, and the rest wait in order of arrival', async () => {
    const { offer, started } = given({ inFlight: 2, waiting: 2 })
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => offer(name))
    expect(started).toEqual(['a', 'b'])
    b?.finish()
    await b?.outcome
    a?.finish()
    await a?.outcome
    await Promise.resolve()
    expect(started).toEqual(['a', 'b', 'c', 'd'])
    c?.finish()
    d?.finish()
    expect(await Promise.all([c?.outcome, d?.outcome])).toEqual(['c', 'd'])
  })

  test('never runs more at once than it may, whatever ends in which order, and forgets no place', async () => {
    const IN_FLIGHT = 3
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ turns: fc.nat(6), fails: fc.boolean(), after: fc.nat(3) }), {
          minLength: 5,
          maxLength: 40,
        }),
        async (works) => {
          const { queue } = given({ inFlight: IN_FLIGHT, waiting: 100 })
          const turns = async (count: number) => {
            for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
          }
          let running = 0
          let most = 0
          const outcomes: Promise<unknown>[] = []
          for (const work of works) {
            const run = queue.run(null, async () => {
              running += 1
              most = Math.max(most, running)
              await turns(work.turns)
              running -= 1
              if (work.fails) throw new Error('broken')
            })
            outcomes.push(run.catch(() => {}))
            await turns(work.after)
          }
          await Promise.all(outcomes)
          expect(most).toBeLessThanOrEqual(IN_FLIGHT)
          // Every place is free again, and no more than there were.
          const started: number[] = []
          const blocked = new Promise(() => {})
          for (let index = 0; index <= IN_FLIGHT; index += 1)
            void queue.run(null, () => {
              started.push(index)
              return blocked
            })
          await turns(5)
          expect(started).toEqual([0, 1, 2])
        },
      ),
      { numRuns: 200 },
    )
  })

  test('one more than fits in the queue is refused at once [PW10]', async () => {
    const { offer } = given({ inFlight: 1, waiting: 1 })
    const first = offer('first')
    const second = offer('second')
    await expect(offer('third').outcome).rejects.toMatchObject({
      name: 'Unavailable',
      retryAfterSeconds: 1,
    })
    first.finish()
    second.finish()
    expect(await Promise.all([first.outcome, second.outcome])).toEqual(['first', 'second'])
  })

  test('a caller that waits too long is refused and frees its place [PW10]', async () => {
    const { offer, started } = given({ inFlight: 1, waiting: 1, waitSeconds: 0.01 })
    const running = offer('running')
    const late = await offer('late').outcome.catch((fault: unknown) => fault)
    expect(late).toMatchObject({ name: 'Unavailable', retryAfterSeconds: 1 })
    const next = offer('next')
    running.finish()
    await running.outcome
    next.finish()
    await next.outcome
    expect(started).toEqual(['running', 'next'])
  })

  test('one client has its share of the waiting places, and others find the rest [PW13]', async () => {
    const { queue, offer, started } = given({ inFlight: 1, waiting: 8, waitingPerClient: 2 })
    const running = offer('running', 'greedy')
    const greedy = ['g1', 'g2'].map((name) => offer(name, 'greedy'))
    expect(queue.isFull('greedy')).toBe(true)
    expect(queue.isFull('modest')).toBe(false)
    await expect(offer('g3', 'greedy').outcome).rejects.toMatchObject({ name: 'Unavailable' })
    const modest = offer('m1', 'modest')
    const owners = ['o1', 'o2', 'o3'].map((name) => offer(name))
    running.finish()
    await running.outcome
    expect(queue.isFull('greedy')).toBe(false)
    const again = offer('g4', 'greedy')
    for (const one of [...greedy, modest, ...owners, again]) {
      one.finish()
      await one.outcome
    }
    expect(started).toEqual(['running', 'g1', 'g2', 'm1', 'o1', 'o2', 'o3', 'g4'])
    expect(queue.isFull('greedy')).toBe(false)
  })

  test('a client that waits too long frees its share [PW13]', async () => {
    const { queue, offer } = given({
      inFlight: 1,
      waiting: 4,
      waitingPerClient: 1,
      waitSeconds: 0.01,
    })
    const running = offer('running', 'greedy')
    await expect(offer('late', 'greedy').outcome).rejects.toMatchObject({ name: 'Unavailable' })
    expect(queue.isFull('greedy')).toBe(false)
    running.finish()
    await running.outcome
  })

  test('work that fails frees its place', async () => {
    const { queue } = given({ inFlight: 1, waiting: 0 })
    const failing = queue.run(null, () => Promise.reject(new Error('broken')))
    await expect(failing).rejects.toThrow('broken')
    expect(await queue.run(null, () => Promise.resolve('well'))).toBe('well')
  })
})
