import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../scripts/repository.ts'
import type { Measured } from './rounds.ts'
import { keepsOwnLimits } from './rounds.ts'
import type { Setting } from './setting.ts'
import type { Spread } from './statistics.ts'

export type Results = {
  readonly setting: Setting & { readonly servers: Readonly<Record<string, string>> }
  readonly figures: readonly Measured[]
}

const number = (value: number): string =>
  value.toFixed(value < 100 && !Number.isInteger(value) ? 2 : 0)
const percent = (value: number): string => `${Math.round(value * 100)} %`

const shown = ({ median, least, most }: Spread, format: (value: number) => string): string =>
  least === most ? format(median) : `${format(median)} (${format(least)} – ${format(most)})`

/** The figures as a Markdown table. Each value is a median, with the least and the most of all rounds in brackets. */
export const figuresTable = (figures: readonly Measured[]): string =>
  [
    '| figure | measured | compared with | ratio | limit | met |',
    '|---|---|---|---|---|---|',
    ...figures.flatMap(rowsOf),
  ].join('\n')

const rowsOf = (measured: Measured): string[] => {
  const { figure, ours, beside } = measured
  const own = ownLimit(measured)
  const rows = beside.map((side) => {
    const limit =
      side.atLeast === null
        ? '– | –'
        : `≥ ${percent(side.atLeast)} | ${verdict(side.ratio.median >= side.atLeast)}`
    return `${shown(side.value, number)}${othersOf(side.also)}: ${side.name} | ${shown(side.ratio, percent)} | ${limit}`
  })
  if (own !== null || rows.length === 0) rows.unshift(`– | – | ${own ?? '– | –'}`)
  return rows.map((row, index) =>
    index === 0 ? `| ${figure} | ${toldOf(measured)}: ${ours} | ${row} |` : `| | | ${row} |`,
  )
}

const toldOf = ({ value, unit, also }: Measured): string =>
  `${shown(value, number)} ${unit}${othersOf(also)}`

const othersOf = (also: Measured['also']): string =>
  Object.entries(also)
    .map(([name, spread]) => `, ${name} ${shown(spread, number)}`)
    .join('')

const ownLimit = (measured: Measured): string | null => {
  const { floor, atMost, none } = measured
  const limits = [
    ...(floor === null ? [] : [`≥ ${floor}`]),
    ...(atMost === null ? [] : [`≤ ${atMost}`]),
    ...none.map((thing) => `0 ${thing}`),
  ]
  return limits.length === 0 ? null : `${limits.join(', ')} | ${verdict(keepsOwnLimits(measured))}`
}

const verdict = (held: boolean): string => (held ? 'yes' : '**no**')

const page = ({ setting, figures }: Results): string => `# Speed

\`bun run bench\` writes this page. Each value is the median of several rounds. The least and the most of all rounds stand in brackets.

Both sides of a row run in the same rounds on the same cores. Where a row uses HTTP, 8 callers in a process of their own make the requests.
Compare the ratios and not the absolute numbers, because the numbers depend on the machine. "Compared with" is the other side of the row.
"Ratio" is our value divided by that of the other side, as the median of the ratios of all rounds. For times and for memory, lower is better.
"lost", "twice" and "out of order" count the events for which this happened.

The service runs as in production, and its servers run on the same cores: PostgreSQL with fsync and full page writes, Redis with an
append-only file that is synced every second, JetStream on files.

${figuresTable(figures)}

- ${setting.date}, commit ${setting.commit}
- ${setting.machine}; load before the run ${setting.loadBefore.toFixed(1)}
- ${Object.entries({ ...setting.servers, ...setting.versions })
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}
`

/** Writes bench/results.md for people and bench/results.json for the next run to be compared with. */
export const writeResults = async (results: Results): Promise<void> => {
  await writeFile(join(ROOT, 'bench/results.md'), page(results))
  await writeFile(join(ROOT, 'bench/results.json'), `${JSON.stringify(results, null, 2)}\n`)
}
