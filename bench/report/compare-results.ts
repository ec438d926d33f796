import { readFile } from 'node:fs/promises'
import type { MeasuredFigure } from '../measurement/rounds.ts'
import { machineText } from './machine-text.ts'
import type { Results } from './write-results.ts'

const percent = (value: number): string => `${Math.round(value * 100)} %`
const rounded = (value: number): string => value.toFixed(value < 100 ? 2 : 0)

/**
 * Reads the results of an earlier run. The returned function compares figures with them, as a Markdown table. The machine
 * may have been slower or faster at that time. So compare the ratios: both sides of a ratio were measured on the same
 * machine at the same time.
 */
export const readComparison = async (
  path: string,
): Promise<(now: Pick<Results, 'bareMachine' | 'figures'>) => string> => {
  const before: Results = JSON.parse(await readFile(path, 'utf8'))
  return (now) => tableOf(before, now)
}

const machineOf = ({ bareMachine }: Pick<Results, 'bareMachine'>): string =>
  bareMachine === undefined ? 'not measured' : machineText(bareMachine)

const tableOf = (before: Results, now: Pick<Results, 'bareMachine' | 'figures'>): string => {
  const { figures } = now
  const rows = figures.flatMap((one) => {
    const then = before.figures.find(({ figure }) => figure === one.figure)
    return then === undefined ? [] : rowsOf(then, one)
  })
  return [
    `Before: ${before.conditions.date}, commit ${before.conditions.commit}`,
    '',
    `The bare machine before: ${machineOf(before)}. Now: ${machineOf(now)}.`,
    '',
    '| figure | before | now | ratio before | ratio now | changed by |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const rowsOf = (then: MeasuredFigure, now: MeasuredFigure): string[] => {
  const first = `| ${now.figure} | ${rounded(then.value.median)} | ${rounded(now.value.median)}`
  const compared = now.baselines.flatMap((side) => {
    const other = then.baselines.find(({ name }) => name === side.name)
    if (other === undefined) return []
    const change = side.ratio.median / other.ratio.median
    return [
      `${first} | ${percent(other.ratio.median)} | ${percent(side.ratio.median)} | × ${change.toFixed(2)} |`,
    ]
  })
  const change = now.value.median / then.value.median
  return compared.length > 0 ? compared : [`${first} | – | – | × ${change.toFixed(2)} |`]
}
