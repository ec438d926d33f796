import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceBetween } from '../../scripts/documents/generate-documents.ts'
import { ROOT } from '../../scripts/repository.ts'
import { costName, OPERATIONS, PROGRAMS } from '../figures/operation-costs.ts'
import { SCALING } from '../figures/scaling.ts'
import type { BareMachine } from '../measurement/bare-machine.ts'
import type { MeasuredFigure, Spread } from '../measurement/rounds.ts'
import { machineText } from './machine-text.ts'
import type { RunConditions } from './run-conditions.ts'

type Results = {
  readonly bareMachine: BareMachine
  readonly conditions: RunConditions
  readonly figures: readonly MeasuredFigure[]
}

/** The generated parts of docs/capacity.md, by the names of their marks. */
type CapacityParts = { readonly costs: string; readonly rates: string; readonly scaling: string }

/** Writes the tables of docs/capacity.md. False when a figure that they need was not measured. */
export const writeCapacity = async (results: Results): Promise<boolean> => {
  const parts = capacityParts(results)
  if (parts === null) return false
  const path = join(ROOT, 'docs/capacity.md')
  const page = Object.entries(parts).reduce(
    (text, [name, content]) => replaceBetween(text, name, content),
    await readFile(path, 'utf8'),
  )
  await writeFile(path, page)
  return true
}

/** The tables of docs/capacity.md. Null when a figure that they need was not measured. */
export const capacityParts = (results: Results): CapacityParts | null => {
  const figureOf = (name: string) => results.figures.find(({ figure }) => figure === name)
  const costs = Object.entries(OPERATIONS).flatMap(([operation, { request }]) => {
    const measured = figureOf(costName(operation))
    return measured === undefined ? [] : [{ operation, request, measured }]
  })
  const scaling = figureOf(SCALING)
  if (scaling === undefined || costs.length < Object.keys(OPERATIONS).length) return null
  return {
    costs: `${costsTable(costs)}\n\n${conditionsText(results)}`,
    rates: ratesTable(costs),
    scaling: `${scalingTable(scaling)}\n\n${conditionsText(results)}`,
  }
}

type Cost = {
  readonly operation: string
  readonly request: string
  readonly measured: MeasuredFigure
}

const medianOf = (details: Readonly<Record<string, Spread>>, name: string): number =>
  details[name]?.median ?? Number.NaN

const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

const costsTable = (costs: readonly Cost[]): string => {
  const programs = Object.keys(PROGRAMS)
  return [
    row('operation', ...programs.map((name) => `${name}, ms`), 'together, ms', 'a second here'),
    row('---', ...programs.map(() => '---'), '---', '---'),
    ...costs.map(({ operation, request, measured: { value, details } }) =>
      row(
        `${operation}, \`${request}\``,
        ...programs.map((name) => medianOf(details, name).toFixed(2)),
        value.median.toFixed(2),
        medianOf(details, 'per second').toFixed(0),
      ),
    ),
  ].join('\n')
}

const CORES = [4, 8, 16]
/** How much of the machine may be busy. Above it answers become late, because work comes unevenly. */
const BUSY = 0.6

const ratesTable = (costs: readonly Cost[]): string =>
  [
    row('a second, alone', ...CORES.map((cores) => `${cores} cores`)),
    row('---', ...CORES.map(() => '---')),
    ...costs.map(({ operation, measured: { value } }) =>
      row(operation, ...CORES.map((cores) => toTwoDigits((cores * BUSY * 1000) / value.median))),
    ),
  ].join('\n')

/** An estimate has no more than two digits. */
const toTwoDigits = (value: number): number => Number(value.toPrecision(2))

const scalingTable = ({ ours, value, details, baselines }: MeasuredFigure): string => {
  // The baseline has fewer instances.
  const sides = [...baselines, { name: ours, value, details }]
  const programs = [...Object.keys(PROGRAMS), 'callers']
  return [
    row(
      'instances',
      'changes a second',
      'delivered a second',
      ...programs.map((name) => `cores of ${name}`),
    ),
    row('---', '---', '---', ...programs.map(() => '---')),
    ...sides.map((side) =>
      row(
        side.name,
        `${side.value.median.toFixed(0)} (${side.value.min.toFixed(0)} – ${side.value.max.toFixed(0)})`,
        medianOf(side.details, 'delivered per second').toFixed(0),
        ...programs.map((name) => medianOf(side.details, `cores of ${name}`).toFixed(2)),
      ),
    ),
  ].join('\n')
}

/** The load of a minute in which nothing else ran is below this. */
const QUIET_LOAD = 1

const conditionsText = ({ bareMachine, conditions }: Results): string => {
  const { date, commit, machine, loadBefore } = conditions
  const busy =
    loadBefore > QUIET_LOAD
      ? ` **Other programs ran at the same time (load ${loadBefore.toFixed(1)}), so measure again.**`
      : ''
  return `The bare machine made ${machineText(bareMachine)} in the minute before. ${machine}; ${date}, commit ${commit}.${busy}`
}
