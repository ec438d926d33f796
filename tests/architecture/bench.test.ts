import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { comparedWith } from '../../bench/against.ts'
import type { Figure, Opened } from '../../bench/figure.ts'
import { always } from '../../bench/figure.ts'
import { figuresTable } from '../../bench/results.ts'
import { measureInRounds } from '../../bench/rounds.ts'
import { spreadOf } from '../../bench/statistics.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

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

const figure = (
  ours: Figure['ours']['open'],
  theirs: Figure['ours']['open'],
  limits: { readonly atLeast?: number; readonly floor?: number; readonly atMost?: number } = {},
): Figure => ({
  name: 'answers',
  unit: 'per second',
  rounds: 3,
  ours: { name: 'ours', open: ours },
  beside: [{ name: 'theirs', open: theirs, atLeast: limits.atLeast ?? null }],
  floor: limits.floor ?? null,
  atMost: limits.atMost ?? null,
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
    expect(figuresTable([measured])).toContain('p99 2.00 (1.00 – 3.00)')
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
