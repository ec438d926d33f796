import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import type { BareMachine } from '../measurement/bare-machine.ts'
import type { MeasuredFigure, Spread } from '../measurement/rounds.ts'
import { meetsOwnLimits, meetsRatio } from '../measurement/rounds.ts'
import { machineText } from './machine-text.ts'
import type { RunConditions } from './run-conditions.ts'

/** The content of bench/results.json. */
export type Results = {
  /** What the machine could do in the minute before the run. Missing in results of before it was measured. */
  readonly bareMachine?: BareMachine
  readonly conditions: RunConditions & { readonly servers: Readonly<Record<string, string>> }
  readonly figures: readonly MeasuredFigure[]
}

const number = (value: number): string =>
  value.toFixed(value < 100 && !Number.isInteger(value) ? 2 : 0)
const percent = (value: number): string => `${Math.round(value * 100)} %`

const spreadText = ({ median, min, max }: Spread, format: (value: number) => string): string =>
  min === max ? format(median) : `${format(median)} (${format(min)} – ${format(max)})`

/** The figures as a Markdown table. Each value is a median, with the least and the most of all rounds in brackets. */
export const figuresTable = (figures: readonly MeasuredFigure[]): string =>
  [
    '| figure | measured | compared with | ratio | limit | met |',
    '|---|---|---|---|---|---|',
    ...figures.flatMap(rowsOf),
  ].join('\n')

const rowsOf = (measured: MeasuredFigure): string[] => {
  const { figure, ours, unit, value, details, baselines } = measured
  const rows = baselines.map((baseline) => {
    const { minRatio, maxRatio, ratio } = baseline
    const limits = [
      ...(minRatio === null ? [] : [`≥ ${percent(minRatio)}`]),
      ...(maxRatio === undefined ? [] : [`≤ ${percent(maxRatio)}`]),
    ]
    const limit =
      limits.length === 0 ? '– | –' : `${limits.join(', ')} | ${verdict(meetsRatio(baseline))}`
    const theirs = `${spreadText(baseline.value, number)}${detailsText(baseline.details)}`
    return `${theirs}: ${baseline.name} | ${spreadText(ratio, percent)} | ${limit}`
  })
  const own = ownLimits(measured)
  if (own !== null || rows.length === 0) rows.unshift(`– | – | ${own ?? '– | –'}`)
  const measuredText = `${spreadText(value, number)} ${unit}${detailsText(details)}: ${ours}`
  return rows.map((row, index) =>
    index === 0 ? `| ${figure} | ${measuredText} | ${row} |` : `| | | ${row} |`,
  )
}

const detailsText = (details: MeasuredFigure['details']): string =>
  Object.entries(details)
    .map(([name, spread]) => `, ${name} ${spreadText(spread, number)}`)
    .join('')

const ownLimits = (measured: MeasuredFigure): string | null => {
  const { min, max, mustBeZero } = measured
  const limits = [
    ...(min === null ? [] : [`≥ ${min}`]),
    ...(max === null ? [] : [`≤ ${max}`]),
    ...mustBeZero.map((name) => `0 ${name}`),
  ]
  return limits.length === 0 ? null : `${limits.join(', ')} | ${verdict(meetsOwnLimits(measured))}`
}

const verdict = (isMet: boolean): string => (isMet ? 'yes' : '**no**')

/** The content of bench/results.md. */
export const resultsPage = ({ bareMachine, conditions, figures }: Results): string => `# Speed

${bareMachine === undefined ? '' : `In the minute before this run the bare machine made ${machineText(bareMachine)}.\n\n`}\`bun run bench\` writes this page. Each value is the median of several rounds. The least and the most of all rounds stand in brackets.

Both sides of a row run in the same rounds on the same cores. Where a row uses HTTP, 8 callers in a process of their own make the requests.
Compare the ratios and not the absolute numbers, because the numbers depend on the machine. "Compared with" is the other side of the row.
"Ratio" is our value divided by that of the other side, as the median of the ratios of all rounds. For times and for memory, lower is better.
"lost", "twice" and "out of order" count the events for which this happened.

The service runs as in production, and its servers run on the same cores: PostgreSQL with fsync and full page writes, Redis with an
append-only file that is synced every second, JetStream on files.

${figuresTable(figures)}

- ${conditions.date}, commit ${conditions.commit}
- ${conditions.machine}; load before the run ${conditions.loadBefore.toFixed(1)}
- ${Object.entries({ ...conditions.servers, ...conditions.versions })
  .map(([name, version]) => `${name} ${version}`)
  .join(', ')}
`

/** Writes bench/results.md for readers, and bench/results.json, with which a later run can be compared. */
export const writeResults = async (results: Results): Promise<void> => {
  await writeFile(join(ROOT, 'bench/results.md'), resultsPage(results))
  await writeFile(join(ROOT, 'bench/results.json'), `${JSON.stringify(results, null, 2)}\n`)
}
