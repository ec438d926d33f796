import { readFile } from 'node:fs/promises'
import type { Results } from './results.ts'
import type { Measured } from './rounds.ts'

const percent = (value: number): string => `${Math.round(value * 100)} %`
const shown = (value: number): string => value.toFixed(value < 100 ? 2 : 0)

/**
 * What changed since another run, as a Markdown table. The machine may have been slower or quicker at that time. So compare
 * the ratios: both sides of a ratio were measured on the same machine at the same time.
 */
export const comparedWith = async (
  path: string,
): Promise<(figures: readonly Measured[]) => string> => {
  const before: Results = JSON.parse(await readFile(path, 'utf8'))
  return (figures) => tableOf(before, figures)
}

const tableOf = (before: Results, figures: readonly Measured[]): string => {
  const rows = figures.flatMap((now) => {
    const then = before.figures.find(({ figure }) => figure === now.figure)
    return then === undefined ? [] : rowsOf(then, now)
  })
  return [
    `Before: ${before.setting.date}, commit ${before.setting.commit}`,
    '',
    '| figure | before | now | ratio before | ratio now | changed by |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const rowsOf = (then: Measured, now: Measured): string[] => {
  const first = `| ${now.figure} | ${shown(then.value.median)} | ${shown(now.value.median)}`
  const compared = now.beside.flatMap((side) => {
    const other = then.beside.find(({ name }) => name === side.name)
    if (other === undefined) return []
    const change = side.ratio.median / other.ratio.median
    return [
      `${first} | ${percent(other.ratio.median)} | ${percent(side.ratio.median)} | × ${change.toFixed(2)} |`,
    ]
  })
  const change = now.value.median / then.value.median
  return compared.length > 0 ? compared : [`${first} | – | – | × ${change.toFixed(2)} |`]
}
