import { describe, expect, test } from 'bun:test'
import type { PoolLimits } from '../../../../src/adapters/postgres/driver/pool.ts'
import { makePool } from '../../../../src/adapters/postgres/driver/pool.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'

type Fake = { readonly number: number; lost: boolean; closed: boolean }

/** A pool of fake connections. Each use ends when the test says so. */
const given = (
  limits: Partial<PoolLimits> = {},
  opened: (number: number) => Promise<void> = async () => {},
) => {
  const made: Fake[] = []
  let asked = 0
  const pool = makePool(
    async () => {
      asked += 1
      await opened(asked)
      const fake: Fake = { number: asked, lost: false, closed: false }
      made.push(fake)
      return {
        fake,
        isOpen: () => !fake.lost,
        close: async () => {
          fake.closed = true
        },
      }
    },
    { size: 2, waiting: 2, waitSeconds: 60, inBackground: 1, ...limits },
  )
  const started: string[] = []
  const useBy = (enter: typeof pool.use) => (name: string) => {
    let finish: (how?: 'lost') => void = () => {}
    const outcome = enter(({ fake }) => {
      started.push(name)
      return new Promise<number>((resolve) => {
        finish = (how) => {
          fake.lost = how === 'lost'
          resolve(fake.number)
        }
      })
    })
    outcome.catch(() => {})
    return { outcome, finish: (how?: 'lost') => finish(how) }
  }
  const use = useBy(pool.use)
  const useInBackground = useBy(pool.useInBackground)
  return { pool, made, started, use, useInBackground, asked: () => asked }
}

const settle = () => Bun.sleep(1)

describe('the pool of connections', () => {
  test('opens at most as many connections as its size, and the rest wait in order of arrival', async () => {
    const { use, started, made } = given()
    const uses = ['a', 'b', 'c', 'd'].map(use)
    await settle()
    expect(started).toEqual(['a', 'b'])
    uses[1]?.finish()
    await settle()
    uses[0]?.finish()
    await settle()
    expect(started).toEqual(['a', 'b', 'c', 'd'])
    expect(made).toHaveLength(2)
  })

  test('uses an idle connection before it opens another', async () => {
    const { use, asked } = given()
    for (const name of ['a', 'b', 'c']) {
      const one = use(name)
      await settle()
      one.finish()
      expect(await one.outcome).toBe(1)
    }
    expect(asked()).toBe(1)
  })

  test('refuses a caller at once when its queue is full', async () => {
    const { use, started } = given()
    for (const name of ['a', 'b', 'c', 'd']) use(name)
    const late = use('e')
    await expect(late.outcome).rejects.toBeInstanceOf(Unavailable)
    await settle()
    expect(started).toEqual(['a', 'b'])
  })

  test('refuses a caller that waits too long, and serves the next', async () => {
    const { use, started } = given({ size: 1, waitSeconds: 0.01 })
    const first = use('a')
    await settle()
    await expect(use('b').outcome).rejects.toThrow('waited too long')
    first.finish()
    await settle()
    use('c')
    await settle()
    expect(started).toEqual(['a', 'c'])
  })

  test('reports each failure to connect to one waiter, and tries again for the next', async () => {
    const { use, asked } = given({ size: 1 }, async (number) => {
      if (number < 3) throw new Unavailable(`refused ${number}`)
    })
    const [a, b, c] = [use('a'), use('b'), use('c')]
    await expect(a.outcome).rejects.toThrow('refused 1')
    await expect(b.outcome).rejects.toThrow('refused 2')
    await settle()
    c.finish()
    expect(await c.outcome).toBe(3)
    expect(asked()).toBe(3)
  })

  test('replaces a connection that was lost in use, for the next waiter', async () => {
    const { use } = given({ size: 1 })
    const [a, b] = [use('a'), use('b')]
    await settle()
    a.finish('lost')
    await settle()
    b.finish()
    expect(await b.outcome).toBe(2)
  })

  test('replaces a connection that was lost while it was idle', async () => {
    const { use, made } = given({ size: 1 })
    const a = use('a')
    await settle()
    a.finish()
    await a.outcome
    for (const one of made) one.lost = true
    const b = use('b')
    await settle()
    b.finish()
    expect(await b.outcome).toBe(2)
  })

  test('takes a connection back after a fault, and passes the fault on', async () => {
    const { pool } = given({ size: 1, waiting: 0 })
    await expect(pool.use(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await pool.use(async () => 'well')).toBe('well')
  })

  test('once closed has closed every connection and refuses all callers, the waiting ones too', async () => {
    const { pool, use, made } = given({ size: 1 })
    const running = use('a')
    const waiting = use('b')
    await settle()
    await pool.close()
    await expect(waiting.outcome).rejects.toBeInstanceOf(Unavailable)
    await expect(pool.use(async () => 1)).rejects.toBeInstanceOf(Unavailable)
    expect(made.every(({ closed }) => closed)).toBe(true)
    running.finish()
    expect(await running.outcome).toBe(1)
  })

  test('closes a connection that was being opened while it closed', async () => {
    let connected: () => void = () => {}
    const { pool, use, made } = given({}, () => new Promise((resolve) => (connected = resolve)))
    const late = use('a')
    await settle()
    await pool.close()
    connected()
    await settle()
    await expect(late.outcome).rejects.toBeInstanceOf(Unavailable)
    expect(made.map(({ closed }) => closed)).toEqual([true])
  })
})

describe('background work in the pool of connections', () => {
  const ROOM = { size: 4, waiting: 8, inBackground: 2 }

  test('uses at most its share of the connections, though others are idle', async () => {
    const { useInBackground, started } = given(ROOM)
    const works = ['a', 'b', 'c'].map(useInBackground)
    await settle()
    expect(started).toEqual(['a', 'b'])
    works[0]?.finish()
    await settle()
    expect(started).toEqual(['a', 'b', 'c'])
  })

  test('leaves its share to callers who wait, except for one connection', async () => {
    const { use, useInBackground, started } = given(ROOM)
    const works = ['a', 'b', 'c', 'd'].map(useInBackground)
    await settle()
    const callers = ['1', '2', '3', '4', '5'].map(use)
    await settle()
    expect(started).toEqual(['a', 'b', '1', '2'])
    works[0]?.finish()
    await settle()
    expect(started).toEqual(['a', 'b', '1', '2', '3'])
    works[1]?.finish()
    await settle()
    expect(started).toEqual(['a', 'b', '1', '2', '3', '4'])
    for (const caller of callers) caller.finish()
    await settle()
    expect(started.toSorted()).toEqual(['1', '2', '3', '4', '5', 'a', 'b', 'c', 'd'])
  })

  test('goes on while there are always callers who wait', async () => {
    const { use, useInBackground, started } = given({ ...ROOM, size: 1 })
    const callers = ['1', '2', '3'].map(use)
    const work = useInBackground('a')
    await settle()
    callers[0]?.finish()
    await settle()
    callers[1]?.finish()
    await settle()
    callers[2]?.finish()
    await settle()
    expect(started).toEqual(['1', '2', '3', 'a'])
    work.finish()
    await work.outcome
  })

  test('that waits is refused when the pool is closed', async () => {
    const { pool, useInBackground } = given(ROOM)
    const works = ['a', 'b', 'c'].map(useInBackground)
    await settle()
    await pool.close()
    works[0]?.finish()
    await expect(works[2]?.outcome).rejects.toBeInstanceOf(Unavailable)
  })
})
