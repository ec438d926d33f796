import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isGenerated, productionFiles, ROOT, readFrom } from '../repository.ts'

/** By file and line number: how often the line ran. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>
export type FileCoverage = {
  readonly path: string
  readonly lines: number
  readonly covered: number
}
type CoverageLimit = { readonly name: string; readonly minPercent: number; readonly path: RegExp }

const LIMITS: readonly CoverageLimit[] = [
  { name: 'everything', minPercent: 92, path: /^(src|packages)\// },
  { name: 'domain and application', minPercent: 95, path: /^src\/(domain|application)\// },
]

/** Adds up the reports of several runs. A line is covered when it ran in any of them. */
export const readLcov = (reports: readonly string[]): LineHits => {
  const hits = new Map<string, Map<number, number>>()
  for (const record of reports.flatMap((report) => report.split('end_of_record'))) {
    const path = /^SF:(.+)$/m.exec(record)?.[1]
    if (path === undefined) continue
    const lines = hits.get(path) ?? new Map<number, number>()
    for (const [, line, count] of record.matchAll(/^DA:(\d+),(\d+)/gm))
      lines.set(Number(line), Math.max(lines.get(Number(line)) ?? 0, Number(count)))
    hits.set(path, lines)
  }
  return hits
}

/** The number of lines that run: those that remain without types, comments and imports. */
export const codeLines = (source: string): number =>
  new Bun.Transpiler({ loader: 'ts' })
    .transformSync(source)
    .split('\n')
    .filter((line) => /\w/.test(line) && !/^(import|export) .*from "/.test(line)).length

/** The coverage of one file. When no test loads the file, no report contains it, and all its lines count as uncovered. */
export const measure = (path: string, source: string, hits: LineHits): FileCoverage => {
  const lines = hits.get(path)
  if (lines === undefined) return { path, lines: codeLines(source), covered: 0 }
  return { path, lines: lines.size, covered: [...lines.values()].filter((hit) => hit > 0).length }
}

export const percentage = (files: readonly FileCoverage[]): number => {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const covered = files.reduce((sum, file) => sum + file.covered, 0)
  return lines === 0 ? 0 : (100 * covered) / lines
}

/** True when both limits are met. Prints the coverage, and the files with the most uncovered lines when a limit is missed. */
export const checkCoverage = async (): Promise<boolean> => {
  const hits = readLcov(await readReports())
  const files = await measureAll(hits)
  const verdicts = LIMITS.map(({ name, minPercent, path }) => {
    const figure = percentage(files.filter((file) => path.test(file.path)))
    console.log(`coverage of ${name}: ${figure.toFixed(1)} % of lines (at least ${minPercent} %)`)
    return figure >= minPercent
  })
  const passed = verdicts.every(Boolean)
  if (!passed) for (const line of widestGaps(files)) console.log(line)
  return passed
}

const readReports = async (): Promise<string[]> => {
  const levels = await readdir(join(ROOT, 'coverage')).catch(() => [])
  const paths = levels.map((level) => `coverage/${level}/lcov.info`)
  return Promise.all(
    paths.filter((path) => existsSync(join(ROOT, path))).map((path) => readFrom(path)),
  )
}

const measureAll = async (hits: LineHits): Promise<FileCoverage[]> => {
  const files = await Promise.all(
    (await productionFiles()).map(async (path) => ({ path, source: await readFrom(path) })),
  )
  return files
    .filter(({ source }) => !isGenerated(source))
    .map(({ path, source }) => measure(path, source, hits))
}

const widestGaps = (files: readonly FileCoverage[]): string[] =>
  files
    .toSorted((a, b) => b.lines - b.covered - (a.lines - a.covered))
    .slice(0, 15)
    .map(({ path, lines, covered }) => `  ${lines - covered} of ${lines} lines uncovered: ${path}`)

if (import.meta.main) process.exitCode = (await checkCoverage()) ? 0 : 1
