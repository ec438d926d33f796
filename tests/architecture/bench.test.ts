import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { comparedWith } from '../../bench/against.ts'
import type { Figure, Opened } from '../../bench/figure.ts'
import { always } from '../../bench/figure.ts'
import { changeFor } from '../../bench/open-model.ts'
import { figuresTable } from '../../bench/results.ts'
import { measureInRounds } from '../../bench/rounds.ts'
import { settled } from '../../bench/settled.ts'
import { shortcomingsOf } from '../../bench/shortcomings.ts'
import { spreadOf } from '../../bench/statistics.ts'
import { temporaryFolder } from '../support/processes/temporary-folder.ts'

const telling = (values: readonly number[], told: string[] = [], name = '') => {
  const rest = [...values]
  return async (): Promise<Opened> => ({
    measure: async () => {
      told.push(name)
      return rest.shift() ?? Number.NaN
    },
    close: async () => told.push(`${name} closed`),
  })
}

type Limits = Partial<Pick<Figure, 'floor' | 'atMost' | 'none'>> & { readonly atLeast?: number }

const figure = (
  ours: Figure['ours']['open'],
  theirs: Figure['ours']['open'],
  limits: Limits = {},
): Figure => ({
  name: 'answers',
  unit: 'per second',
  rounds: 3,
  ours: { name: 'ours', open: ours },
  beside: [{ name: 'theirs', open: theirs, atLeast: limits.atLeast ?? null }],
  floor: limits.floor ?? null,
  atMost: limits.atMost ?? null,
  none: limits.none ?? [],
})

describe('a figure', () => {
  test('is the median of its rounds, with the least and the most', () => {
    expect(spreadOf([9, 1, 4])).toEqual({ median: 4, least: 1, most: 9 })
    expect(spreadOf([9, 1, 4, 2])).toEqual({ median: 3, least: 1, most: 9 })
    expect(() => spreadOf([])).toThrow(RangeError)
  })

  test('is measured beside its other side in turns, each first in every other round', async () => {
    const told: string[] = []
    const ours = telling([1, 1, 1], told, 'ours')
    await measureInRounds(figure(ours, telling([1, 1, 1], told, 'theirs')))
    const turns = ['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs']
    expect(told).toEqual([...turns, 'ours closed', 'theirs closed'])
  })

  test.each([
    [0.5, true],
    [0.51, false],
  ])(
    'whose ratios have a median of 0.5 beside a limit of %p: held is %p',
    async (atLeast, held) => {
      const sides = [telling([10, 50, 90]), telling([100, 100, 100])] as const
      const measured = await measureInRounds(figure(...sides, { atLeast }))
      expect(measured.held).toBe(held)
      expect(figuresTable([measured]).includes('**no**')).toBe(!held)
    },
  )

  test('above the most that it may be is missed', async () => {
    const two = always(async () => 2)
    expect(await measureInRounds(figure(two, two, { atMost: 1.9 }))).toMatchObject({ held: false })
    expect(await measureInRounds(figure(two, two, { atMost: 2 }))).toMatchObject({ held: true })
  })

  test('below what it must reach is missed', async () => {
    const two = always(async () => 2)
    expect(await measureInRounds(figure(two, two, { floor: 2.1 }))).toMatchObject({ held: false })
    expect(await measureInRounds(figure(two, two, { floor: 2 }))).toMatchObject({ held: true })
  })

  test('tells what else its rounds showed, as medians too', async () => {
    const waits = [3, 1, 2]
    const ours = always(async () => ({ value: 1, also: { p99: waits.shift() ?? Number.NaN } }))
    const measured = await measureInRounds(figure(ours, telling([1, 1, 1])))
    expect(measured.also).toEqual({ p99: { median: 2, least: 1, most: 3 } })
    expect(figuresTable([measured])).toContain('p99 2 (1 – 3)')
  })

  test('that told once of what there must be none is missed', async () => {
    const rounds = (losses: number[]) => {
      const rest = [...losses]
      return always(async () => ({ value: 1, also: { lost: rest.shift() ?? Number.NaN } }))
    }
    const limits = { atMost: 1, none: ['lost'] }
    const one = await measureInRounds(figure(rounds([0, 1, 0]), rounds([0, 0, 0]), limits))
    expect(one).toMatchObject({ held: false, also: { lost: { median: 0, most: 1 } } })
    expect(figuresTable([one])).toContain('≤ 1, 0 lost | **no**')
    const none = await measureInRounds(figure(rounds([0, 0, 0]), rounds([9, 9, 9]), limits))
    expect(none.held).toBe(true)
    expect(figuresTable([none])).toContain('≤ 1, 0 lost | yes')
    expect(figuresTable([none])).toContain('1, lost 9: theirs')
  })

  test('that does not tell of what there must be none is missed', async () => {
    const one = always(async () => 1)
    expect((await measureInRounds(figure(one, one, { none: ['lost'] }))).held).toBe(false)
  })

  test('that could not be measured is missed', async () => {
    const measured = await measureInRounds(
      figure(telling([]), telling([1, 1, 1]), { atLeast: 0.1 }),
    )
    expect(measured.held).toBe(false)
  })
})

describe('a comparison with another run', () => {
  test('tells by how much each ratio has changed, and leaves out what is new', async () => {
    const run = async (ours: number) =>
      measureInRounds(
        figure(
          always(async () => ours),
          always(async () => 100),
        ),
      )
    const folder = temporaryFolder()
    const path = join(folder, 'results.json')
    const setting = { date: 'yesterday', commit: 'abc' }
    await Bun.write(path, JSON.stringify({ setting, figures: [await run(50)] }))
    const compare = await comparedWith(path)
    const table = compare([await run(60), { ...(await run(60)), figure: 'something new' }])
    expect(table).toContain('| answers | 50.00 | 60.00 | 50 % | 60 % | × 1.20 |')
    expect(table).not.toContain('something new')
  })
})

const inStream = (user: string, version: number) => ({
  headers: { 'ce-subject': user, 'ce-sequence': String(version) },
})

describe('what a stream lacks', () => {
  test('is nothing when it holds every change once, in the order of its user', () => {
    const stored = [inStream('a', 4), inStream('b', 1), inStream('a', 5), inStream('b', 2)]
    expect(shortcomingsOf(stored, 4)).toEqual({ lost: 0, twice: 0, 'out of order': 0 })
  })

  test('is lost when it never came, and leaves the others in order', () => {
    const stored = [inStream('a', 1), inStream('a', 3)]
    expect(shortcomingsOf(stored, 3)).toEqual({ lost: 1, twice: 0, 'out of order': 0 })
  })

  test('is out of order when it comes after a newer one of the same user', () => {
    const stored = [inStream('a', 1), inStream('a', 3), inStream('b', 1), inStream('a', 2)]
    expect(shortcomingsOf(stored, 4)).toEqual({ lost: 0, twice: 0, 'out of order': 1 })
  })

  test('counts what comes twice neither as found nor as out of order', () => {
    const stored = [inStream('a', 1), inStream('a', 2), inStream('a', 1), inStream('a', 2)]
    expect(shortcomingsOf(stored, 3)).toEqual({ lost: 1, twice: 2, 'out of order': 0 })
  })
})

describe('a load of the open model', () => {
  test('begins each change in its time, whatever became of those before', async () => {
    let begun = 0
    const allBegun = Promise.withResolvers<void>()
    const change = async () => {
      begun += 1
      if (begun === 50) allBegun.resolve()
      return allBegun.promise
    }
    expect(await changeFor(50, 1000, change)).toBe(50)
  })

  test('begins nothing when it has no time', async () => {
    expect(await changeFor(0, 1000, async () => expect.unreachable())).toBe(0)
  })
})

describe('what is owed', () => {
  test('is waited for as long as it becomes less', async () => {
    const counts = [3, 2, 1, 0, 5]
    await settled(async () => counts.shift() ?? Number.NaN, 60_000)
    expect(counts).toEqual([5])
  })

  test('is no longer waited for when nothing comes any more', async () => {
    let asked = 0
    await settled(async () => {
      asked += 1
      return 7
    }, 150)
    expect(asked).toBeGreaterThan(1)
  })
})
