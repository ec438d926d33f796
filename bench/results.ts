import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../scripts/repository.ts'
import type { Measured } from './rounds.ts'
import type { Setting } from './setting.ts'
import type { Spread } from './statistics.ts'

export type Results = {
  readonly setting: Setting
  readonly figures: readonly Measured[]
}

const number = (value: number): string => value.toFixed(value < 100 ? 2 : 0)
const percent = (value: number): string => `${Math.round(value * 100)} %`

const shown = ({ median, least, most }: Spread, format: (value: number) => string): string =>
  least === most ? format(median) : `${format(median)} (${format(least)} – ${format(most)})`

/** The figures as a Markdown table: medians, and in brackets the least and the most of all rounds. */
export const figuresTable = (figures: readonly Measured[]): string =>
  [
    '| figure | measured | beside | of it | limit | held |',
    '|---|---|---|---|---|---|',
    ...figures.flatMap(rowsOf),
  ].join('\n')

const rowsOf = (measured: Measured): string[] => {
  const { figure, unit, ours, value, atMost, beside } = measured
  const first = `| ${figure} | ${shown(value, number)} ${unit}: ${ours} |`
  if (beside.length === 0) {
    const limit = atMost === null ? '– | –' : `≤ ${atMost} | ${verdict(value.median <= atMost)}`
    return [`${first} – | – | ${limit} |`]
  }
  return beside.map((side, index) => {
    const limit =
      side.atLeast === null
        ? '– | –'
        : `≥ ${percent(side.atLeast)} | ${verdict(side.ratio.median >= side.atLeast)}`
    const begin = index === 0 ? first : '| | |'
    return `${begin} ${shown(side.value, number)}: ${side.name} | ${shown(side.ratio, percent)} | ${limit} |`
  })
}

const verdict = (held: boolean): string => (held ? 'yes' : '**no**')

const page = ({ setting, figures }: Results): string => `# Speed

Written by \`bun run bench\`. Medians of several rounds, in brackets the least and the most. Both sides of a row run on the
same cores in the same rounds, with 8 callers in a process of their own where there is HTTP: compare the
percentages, not the numbers.

${figuresTable(figures)}

- ${setting.date}, commit ${setting.commit}
- ${setting.machine}; load before the run ${setting.loadBefore.toFixed(1)}
- ${Object.entries(setting.versions)
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}
`

/** Writes bench/results.md for people and bench/results.json for the next run to be compared with. */
export const writeResults = async (results: Results): Promise<void> => {
  await writeFile(join(ROOT, 'bench/results.md'), page(results))
  await writeFile(join(ROOT, 'bench/results.json'), `${JSON.stringify(results, null, 2)}\n`)
}
