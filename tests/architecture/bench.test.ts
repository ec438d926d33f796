import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { changeFor } from '../../bench/load/open-model.ts'
import { perSecond } from '../../bench/load/per-second.ts'
import type { Figure, OpenedSide } from '../../bench/measurement/figure.ts'
import { withoutSetUp } from '../../bench/measurement/figure.ts'
import { streamDefects, waitUntilDelivered } from '../../bench/measurement/measure-delivery.ts'
import { measureInRounds, spreadOf } from '../../bench/measurement/rounds.ts'
import { readComparison } from '../../bench/report/compare-results.ts'
import { figuresTable, resultsPage } from '../../bench/report/write-results.ts'
import { temporaryFolder } from '../support/processes/test-run/temporary-folder.ts'

const MACHINE = { hashesPerSecond: 265, changesPerSecond: 2000, commitsPerSecond: 5000 }

/** A side whose rounds have these values. It writes its name to `calls` at each round and when it is closed. */
const sideWith = (values: readonly number[], calls: string[] = [], name = '') => {
  const rest = [...values]
  return async (): Promise<OpenedSide> => ({
    measure: async () => {
      calls.push(name)
      return rest.shift() ?? Number.NaN
    },
    close: async () => calls.push(`${name} closed`),
  })
}

type Limits = Partial<Pick<Figure, 'min' | 'max' | 'mustBeZero'>> & { readonly minRatio?: number }

const figure = (
  ours: Figure['ours']['open'],
  theirs: Figure['ours']['open'],
  limits: Limits = {},
): Figure => ({
  name: 'answers',
  unit: 'per second',
  rounds: 3,
  ours: { name: 'ours', open: ours },
  baselines: [{ name: 'theirs', open: theirs, minRatio: limits.minRatio ?? null }],
  min: limits.min ?? null,
  max: limits.max ?? null,
  mustBeZero: limits.mustBeZero ?? [],
})

describe('a figure', () => {
  test('is the median of its rounds, with the least and the greatest value', () => {
    expect(spreadOf([9, 1, 4])).toEqual({ median: 4, min: 1, max: 9 })
    expect(spreadOf([9, 1, 4, 2])).toEqual({ median: 3, min: 1, max: 9 })
    expect(() => spreadOf([])).toThrow(RangeError)
  })

  test('measures its sides in turn, and each side is first in every other round', async () => {
    const calls: string[] = []
    const ours = sideWith([1, 1, 1], calls, 'ours')
    await measureInRounds(figure(ours, sideWith([1, 1, 1], calls, 'theirs')))
    const turns = ['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs']
    expect(calls).toEqual([...turns, 'ours closed', 'theirs closed'])
  })

  test.each([
    [0.5, true],
    [0.51, false],
  ])(
    'with ratios whose median is 0.5 and a limit of %p: meetsLimits is %p',
    async (minRatio, meetsLimits) => {
      const sides = [sideWith([10, 50, 90]), sideWith([100, 100, 100])] as const
      const measured = await measureInRounds(figure(...sides, { minRatio }))
      expect(measured.meetsLimits).toBe(meetsLimits)
      expect(figuresTable([measured]).includes('**no**')).toBe(!meetsLimits)
    },
  )

  test('misses its limit when it is above its greatest allowed value', async () => {
    const two = withoutSetUp(async () => 2)
    expect(await measureInRounds(figure(two, two, { max: 1.9 }))).toMatchObject({
      meetsLimits: false,
    })
    expect(await measureInRounds(figure(two, two, { max: 2 }))).toMatchObject({ meetsLimits: true })
  })

  test('misses its limit when it is below its least allowed value', async () => {
    const two = withoutSetUp(async () => 2)
    expect(await measureInRounds(figure(two, two, { min: 2.1 }))).toMatchObject({
      meetsLimits: false,
    })
    expect(await measureInRounds(figure(two, two, { min: 2 }))).toMatchObject({ meetsLimits: true })
  })

  test('shows the details of its rounds as medians too', async () => {
    const waits = [3, 1, 2]
    const ours = withoutSetUp(async () => ({
      value: 1,
      details: { p99: waits.shift() ?? Number.NaN },
    }))
    const measured = await measureInRounds(figure(ours, sideWith([1, 1, 1])))
    expect(measured.details).toEqual({ p99: { median: 2, min: 1, max: 3 } })
    expect(figuresTable([measured])).toContain('p99 2 (1 – 3)')
  })

  test('misses its limit when a detail that must be 0 is not 0 in one round', async () => {
    const rounds = (losses: number[]) => {
      const rest = [...losses]
      return withoutSetUp(async () => ({ value: 1, details: { lost: rest.shift() ?? Number.NaN } }))
    }
    const limits = { max: 1, mustBeZero: ['lost'] }
    const one = await measureInRounds(figure(rounds([0, 1, 0]), rounds([0, 0, 0]), limits))
    expect(one).toMatchObject({ meetsLimits: false, details: { lost: { median: 0, max: 1 } } })
    expect(figuresTable([one])).toContain('≤ 1, 0 lost | **no**')
    const none = await measureInRounds(figure(rounds([0, 0, 0]), rounds([9, 9, 9]), limits))
    expect(none.meetsLimits).toBe(true)
    expect(figuresTable([none])).toContain('≤ 1, 0 lost | yes')
    expect(figuresTable([none])).toContain('1, lost 9: theirs')
  })

  test('misses its limit when a detail that must be 0 is not measured', async () => {
    const one = withoutSetUp(async () => 1)
    expect((await measureInRounds(figure(one, one, { mustBeZero: ['lost'] }))).meetsLimits).toBe(
      false,
    )
  })

  test('misses its limit when it could not be measured', async () => {
    const measured = await measureInRounds(
      figure(sideWith([]), sideWith([1, 1, 1]), { minRatio: 0.1 }),
    )
    expect(measured.meetsLimits).toBe(false)
  })
})

describe('a comparison with an earlier run', () => {
  test('shows how each ratio has changed, and leaves out new figures', async () => {
    const run = async (ours: number) =>
      measureInRounds(
        figure(
          withoutSetUp(async () => ours),
          withoutSetUp(async () => 100),
        ),
      )
    const folder = temporaryFolder()
    const path = join(folder, 'results.json')
    const conditions = { date: 'yesterday', commit: 'abc' }
    await Bun.write(path, JSON.stringify({ conditions, figures: [await run(50)] }))
    const compare = await readComparison(path)
    const figures = [await run(60), { ...(await run(60)), figure: 'something new' }]
    const table = compare({ bareMachine: MACHINE, figures })
    expect(table).toContain('| answers | 50.00 | 60.00 | 50 % | 60 % | × 1.20 |')
    expect(table).not.toContain('something new')
    expect(table).toContain(
      'The bare machine before: not measured. Now: 265 argon2id hashes, 2000 changes by the twin and 5000 commits',
    )
  })
})

describe('the page of results', () => {
  test('begins with what the bare machine could do', () => {
    const conditions = { date: 'today', commit: 'abc', machine: '', loadBefore: 0, versions: {} }
    const page = resultsPage({
      bareMachine: MACHINE,
      conditions: { ...conditions, servers: {} },
      figures: [],
    })
    expect(page).toStartWith(
      '# Speed\n\nIn the minute before this run the bare machine made 265 argon2id hashes, 2000 changes by the twin and ' +
        '5000 commits of PostgreSQL a second.\n\n',
    )
  })
})

describe('work of callers', () => {
  test('is counted for each second, and fails when a piece of it is not done', async () => {
    let done = 0
    const count = await perSecond(async () => ++done > 0, 2, 20)
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThanOrEqual(done / 0.02)
    await expect(perSecond(async () => false, 1, 20)).rejects.toThrow('was not done')
  })

  test('is done by so many callers at once, each one piece after the other', async () => {
    const running: number[] = []
    let most = 0
    await perSecond(
      async (caller) => {
        expect(running).not.toContain(caller)
        running.push(caller)
        most = Math.max(most, running.length)
        await Promise.resolve()
        running.splice(running.indexOf(caller), 1)
        return true
      },
      3,
      5,
    )
    expect(most).toBe(3)
  })
})

const message = (user: string, version: number) => ({
  headers: { 'ce-subject': user, 'ce-sequence': String(version) },
})

describe('the defects of a stream', () => {
  test('are none when it has every change once, in the order of its user', () => {
    const stored = [message('a', 4), message('b', 1), message('a', 5), message('b', 2)]
    expect(streamDefects(stored, 4)).toEqual({ lost: 0, twice: 0, 'out of order': 0 })
  })

  test('count a change that is missing as lost, and the changes after it as in order', () => {
    const stored = [message('a', 1), message('a', 3)]
    expect(streamDefects(stored, 3)).toEqual({ lost: 1, twice: 0, 'out of order': 0 })
  })

  test('count a change after a newer one of the same user as out of order', () => {
    const stored = [message('a', 1), message('a', 3), message('b', 1), message('a', 2)]
    expect(streamDefects(stored, 4)).toEqual({ lost: 0, twice: 0, 'out of order': 1 })
  })

  test('count a repeated change as twice, and neither as present nor as out of order', () => {
    const stored = [message('a', 1), message('a', 2), message('a', 1), message('a', 2)]
    expect(streamDefects(stored, 3)).toEqual({ lost: 1, twice: 2, 'out of order': 0 })
  })
})

describe('load of the open model', () => {
  test('starts each change at its time, whether or not earlier changes have ended', async () => {
    let started = 0
    const allStarted = Promise.withResolvers<void>()
    const change = async () => {
      started += 1
      if (started === 50) allStarted.resolve()
      return allStarted.promise
    }
    expect(await changeFor(50, 1000, change)).toBe(50)
  })

  test('starts nothing when its duration is 0', async () => {
    expect(await changeFor(0, 1000, async () => expect.unreachable())).toBe(0)
  })
})

describe('waiting for deliveries', () => {
  test('goes on while their number falls, and ends at 0', async () => {
    const counts = [3, 2, 1, 0, 5]
    await waitUntilDelivered(async () => counts.shift() ?? Number.NaN, 60_000)
    expect(counts).toEqual([5])
  })

  test('ends when their number no longer changes', async () => {
    let asked = 0
    await waitUntilDelivered(async () => {
      asked += 1
      return 7
    }, 150)
    expect(asked).toBeGreaterThan(1)
  })
})
