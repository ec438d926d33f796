import { describe, expect, test } from 'bun:test'
import { costName, OPERATIONS, PROGRAMS } from '../../bench/figures/operation-costs.ts'
import { SCALING } from '../../bench/figures/scaling.ts'
import type { MeasuredFigure } from '../../bench/measurement/rounds.ts'
import { capacityParts } from '../../bench/report/write-capacity.ts'
import { replaceBetween } from '../../scripts/documents/generate-documents.ts'
import { readFrom } from '../../scripts/repository.ts'

const spread = (median: number) => ({ median, min: median - 1, max: median + 1 })
const spreads = (numbers: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, spread(number)]))

const figure = (
  name: string,
  median: number,
  details: Readonly<Record<string, number>>,
): MeasuredFigure => ({
  figure: name,
  unit: 'ms',
  ours: 'ours',
  values: [median],
  value: spread(median),
  details: spreads(details),
  min: null,
  max: null,
  mustBeZero: [],
  baselines: [],
  meetsLimits: true,
})

const costs = Object.keys(OPERATIONS).map((operation) =>
  figure(costName(operation), 2, {
    service: 1.25,
    PostgreSQL: 0.5,
    Redis: 0.2,
    NATS: 0.05,
    'per second': 800,
  }),
)

const cores = Object.fromEntries(
  [...Object.keys(PROGRAMS), 'callers'].map((name) => [`cores of ${name}`, 0.25]),
)

const scaling: MeasuredFigure = {
  ...figure(SCALING, 1500, { 'delivered per second': 1400, ...cores }),
  ours: 'two instances',
  baselines: [
    {
      name: 'one instance',
      values: [1000],
      value: spread(1000),
      details: spreads({ 'delivered per second': 900, ...cores }),
      ratio: spread(1.5),
      minRatio: null,
    },
  ],
}

const run = (figures: readonly MeasuredFigure[], loadBefore = 0) =>
  capacityParts({
    bareMachine: { hashesPerSecond: 265, changesPerSecond: 2000, commitsPerSecond: 5000 },
    conditions: { date: 'today', commit: 'abc', machine: 'two cores', loadBefore, versions: {} },
    figures,
  })

describe('the tables of capacity', () => {
  test('are written only when every figure that they need was measured', () => {
    expect(run([...costs, scaling])).not.toBeNull()
    expect(run([...costs.slice(1), scaling])).toBeNull()
    expect(run(costs)).toBeNull()
  })

  test('have the cost of each operation, beside what the bare machine could do', () => {
    const { costs: table = '' } = run([...costs, scaling]) ?? {}
    expect(table).toContain(
      '| change, `PATCH /v1/users/me` | 1.25 | 0.50 | 0.20 | 0.05 | 2.00 | 800 |',
    )
    expect(table).toContain('The bare machine made 265 argon2id hashes, 2000 changes')
  })

  test('say what 60 % of the cores can do, with two digits', () => {
    const { rates } = run([...costs, scaling]) ?? {}
    // 4 cores × 60 % × 1000 ms / 2 ms are 1 200, and 16 cores 4 800.
    expect(rates).toContain('| change | 1200 | 2400 | 4800 |')
    const cheap = costs.map((one) => ({ ...one, value: spread(0.7) }))
    // 4 × 600 / 0.7 are 3 428.6.
    expect(run([...cheap, scaling])?.rates).toContain('| change | 3400 | 6900 | 14000 |')
  })

  test('have the fewest instances first', () => {
    const { scaling: table = '' } = run([...costs, scaling]) ?? {}
    const cells = '0.25 | 0.25 | 0.25 | 0.25 | 0.25 |'
    expect(table.split('\n').slice(2, 4)).toEqual([
      `| one instance | 1000 (999 – 1001) | 900 | ${cells}`,
      `| two instances | 1500 (1499 – 1501) | 1400 | ${cells}`,
    ])
  })

  test('warn when other programs ran at the same time', () => {
    expect(run([...costs, scaling], 1)?.costs).not.toContain('Other programs ran')
    expect(run([...costs, scaling], 1.5)?.costs).toContain('Other programs ran')
  })

  test('have their places in docs/capacity.md', async () => {
    const page = await readFrom('docs/capacity.md')
    for (const [name, content] of Object.entries(run([...costs, scaling]) ?? {}))
      expect(replaceBetween(page, name, content)).toContain(content)
    expect.assertions(3)
  })
})
