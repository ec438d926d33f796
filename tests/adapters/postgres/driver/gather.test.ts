import { describe, expect, test } from 'bun:test'
import { StatementFault } from '../../../../src/adapters/postgres/driver/faults.ts'
import type { GatherOptions } from '../../../../src/adapters/postgres/driver/gather.ts'
import { gather } from '../../../../src/adapters/postgres/driver/gather.ts'
import { Unavailable } from '../../../../src/domain/shared/unavailable.ts'

/** Lets everything run that waits for nothing but other promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

const upper = (calls: readonly string[]) => calls.map((call) => call.toUpperCase())

const HOUR_MS = 3_600_000

/** Runs that end when the test says so. An interval of an hour ends only when the test passes that time. */
const given = (limits: Partial<GatherOptions<string, string>> = {}) => {
  const runs: { calls: readonly string[]; end: () => void; fail: (fault: unknown) => void }[] = []
  let time = 0
  const call = gather<string, string>({
    run: (calls) =>
      new Promise((resolve, reject) => {
        runs.push({ calls, end: () => resolve(upper(calls)), fail: reject })
      }),
    busyRate: 1,
    everyMs: 0,
    gapMs: HOUR_MS,
    most: 10,
    atOnce: 1,
    waiting: 10,
    now: () => time,
    ...limits,
  })
  return {
    call,
    runs,
    started: () => runs.map(({ calls }) => calls.join()),
    end: async (run: number) => {
      runs[run]?.end()
      await settled()
    },
    pass: (milliseconds: number) => {
      time += milliseconds
    },
  }
}

const faultOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => null,
    (fault: unknown) => fault,
  )

describe('gathered calls', () => {
  test('a call that comes alone runs at once, before anything else happens', async () => {
    const { call, started, end } = given({ everyMs: HOUR_MS })
    const asked = call('a')
    expect(started()).toEqual(['a'])
    await end(0)
    expect(await asked).toBe('A')
  })

  test('calls that are rare do not wait for the interval', async () => {
    const { call, started, end, pass } = given({ everyMs: 100, busyRate: 1000, atOnce: 2 })
    void call('a')
    await end(0)
    pass(1)
    void call('b')
    expect(started()).toEqual(['a', 'b'])
  })

  test.each([
    [1000, 1, 100],
    [1000, 2, 13],
    [500, 2, 50],
  ])('for a busy rate of %d, calls every %d ms are runs of %d', (busyRate, gap, size) => {
    const many = { most: 1000, waiting: 1000, atOnce: 1000 }
    const { call, runs, pass } = given({ everyMs: 100, busyRate, ...many })
    for (let count = 0; count < 600; count += 1) {
      void call('a')
      pass(gap)
    }
    expect(runs.at(-1)?.calls).toHaveLength(size)
  })

  test('calls that follow within the interval are one run, and each gets its own answer', async () => {
    const batches: (readonly string[])[] = []
    const call = gather<string, string>({
      run: async (calls) => {
        batches.push(calls)
        return upper(calls)
      },
      busyRate: 1,
      everyMs: 5,
      gapMs: HOUR_MS,
      most: 10,
      atOnce: 4,
      waiting: 10,
    })
    expect(await Promise.all(['a', 'b', 'c', 'd'].map(call))).toEqual(['A', 'B', 'C', 'D'])
    expect(batches).toEqual([['a'], ['b', 'c', 'd']])
  })

  test('a run does not wait for the end of the interval when no more calls come', async () => {
    const call = gather<string, string>({
      run: async (calls) => upper(calls),
      busyRate: 1,
      everyMs: HOUR_MS,
      gapMs: 5,
      most: 10,
      atOnce: 1,
      waiting: 10,
    })
    expect(await Promise.all(['a', 'b', 'c'].map(call))).toEqual(['A', 'B', 'C'])
  })

  test('while calls come, a run waits for more of them', async () => {
    const { call, started, pass } = given({ everyMs: 900, gapMs: 300, atOnce: 2 })
    void call('a')
    for (const name of ['b', 'c', 'd']) {
      void call(name)
      pass(225)
    }
    expect(started()).toEqual(['a'])
    pass(225)
    void call('e')
    expect(started()).toEqual(['a', 'b,c,d,e'])
  })

  test('the interval counts from the start of the run before', async () => {
    const { call, started, end, pass } = given({ everyMs: HOUR_MS, atOnce: 2 })
    void call('a')
    pass(HOUR_MS - 1)
    void call('b')
    expect(started()).toEqual(['a'])
    pass(1)
    void call('c')
    expect(started()).toEqual(['a', 'b,c'])
    await end(0)
  })

  test('as many calls as one run may have do not wait for the interval', () => {
    const { call, started } = given({ everyMs: HOUR_MS, most: 3, atOnce: 4 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) void call(name)
    expect(started()).toEqual(['a', 'b,c,d'])
  })

  test('a run has at most as many calls as allowed, in the order in which they came', async () => {
    const { call, started, end } = given({ most: 2 })
    for (const name of ['a', 'b', 'c', 'd']) void call(name)
    await end(0)
    await end(1)
    expect(started()).toEqual(['a', 'b,c', 'd'])
  })

  test('no more runs than allowed are under way, and the next begins when one of them ends', async () => {
    const { call, started, end } = given({ most: 1, atOnce: 2 })
    for (const name of ['a', 'b', 'c', 'd']) void call(name)
    expect(started()).toEqual(['a', 'b'])
    await end(1)
    expect(started()).toEqual(['a', 'b', 'c'])
  })

  test('a call is refused at once as unavailable when too many wait, and the others are served', async () => {
    const { call, end } = given({ waiting: 2 })
    const served = ['a', 'b', 'c'].map(call)
    const fault = await faultOf(call('d'))
    expect(fault).toBeInstanceOf(Unavailable)
    expect(fault).toMatchObject({ message: 'the queue is full', retryAfterSeconds: 1 })
    await end(0)
    await end(1)
    expect(await Promise.all(served)).toEqual(['A', 'B', 'C'])
    const later = call('e')
    await end(2)
    expect(await later).toBe('E')
  })

  test('a call that has waited for more than a second is refused when its turn comes', async () => {
    const { call, started, end, pass } = given()
    void call('a')
    const late = faultOf(call('b'))
    pass(1)
    const inTime = call('c')
    pass(1000)
    await end(0)
    expect(await late).toMatchObject({
      name: 'Unavailable',
      message: 'waited too long for the database',
    })
    expect(started()).toEqual(['a', 'c'])
    await end(1)
    expect(await inTime).toBe('C')
  })

  test('a lost connection rejects every call of its run and no other, and later calls work', async () => {
    const { call, runs, end } = given()
    const first = call('a')
    const hit = [call('b'), call('c')].map(faultOf)
    await end(0)
    const after = call('d')
    const fault = new Unavailable('the connection was lost')
    runs[1]?.fail(fault)
    expect(await Promise.all(hit)).toEqual([fault, fault])
    await end(2)
    expect(await Promise.all([first, after])).toEqual(['A', 'D'])
    const later = call('e')
    await end(3)
    expect(await later).toBe('E')
    expect(runs.map(({ calls }) => calls.join())).toEqual(['a', 'b,c', 'd', 'e'])
  })

  test('a refused statement rejects only the call that is at fault', async () => {
    const refused = new StatementFault('22021', null, { cause: null })
    const batches: string[] = []
    const call = gather<string, string>({
      run: async (calls) => {
        batches.push(calls.join())
        if (calls.includes('bad')) throw refused
        return upper(calls)
      },
      busyRate: 1,
      everyMs: 0,
      gapMs: HOUR_MS,
      most: 10,
      atOnce: 1,
      waiting: 10,
    })
    const asked = ['a', 'b', 'bad', 'c'].map(call)
    expect(await Promise.all([asked[0], asked[1], asked[3]])).toEqual(['A', 'B', 'C'])
    expect(await faultOf(asked[2] ?? Promise.resolve())).toBe(refused)
    expect(batches).toEqual(['a', 'b,bad,c', 'b', 'bad', 'c'])
  })

  test('a run that answers too few calls rejects them, and later calls work', async () => {
    let answers = 1
    const call = gather<string, string>({
      run: async (calls) => upper(calls).slice(0, answers),
      busyRate: 1,
      everyMs: 0,
      gapMs: HOUR_MS,
      most: 10,
      atOnce: 1,
      waiting: 10,
    })
    const asked = ['a', 'b', 'c'].map((name) => faultOf(call(name)))
    expect((await Promise.all(asked)).map(String)).toEqual([
      'null',
      'Error: a run answered some calls only',
      'Error: a run answered some calls only',
    ])
    answers = 2
    expect(await call('d')).toBe('D')
  })

  test('a run that throws before it waits for anything rejects its call', async () => {
    const defect = new TypeError('a defect')
    const call = gather<string, string>({
      run: () => {
        throw defect
      },
      busyRate: 1,
      everyMs: 0,
      gapMs: HOUR_MS,
      most: 10,
      atOnce: 1,
      waiting: 10,
    })
    expect(await faultOf(call('a'))).toBe(defect)
    expect(await faultOf(call('b'))).toBe(defect)
  })
})
