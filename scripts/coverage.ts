import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isGenerated, productionFiles, ROOT, readFrom } from './repository.ts'

/** Hits by line number, by file. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>
export type FileCoverage = {
  readonly path: string
  readonly lines: number
  readonly covered: number
}
type Gate = { readonly name: string; readonly least: number; readonly path: RegExp }

const GATES: readonly Gate[] = [
  { name: 'everything', least: 80, path: /^(src|packages)\// },
  { name: 'domain and application', least: 90, path: /^src\/(domain|application)\// },
]

/** Adds up reports of several runs: a line is covered when any of them covered it. */
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

/** How many lines of a file do something: those that are left when types, comments and imports are gone. */
export const codeLines = (source: string): number =>
  new Bun.Transpiler({ loader: 'ts' })
    .transformSync(source)
    .split('\n')
    .filter((line) => /\w/.test(line) && !/^(import|export) .*from "/.test(line)).length

/** A file that no test loaded is in no report; all its lines count as uncovered. */
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

/** True when both gates hold; says both figures, and where the gaps are when one does not. */
export const gateCoverage = async (): Promise<boolean> => {
  const hits = readLcov(await writtenReports())
  const files = await measureAll(hits)
  const verdicts = GATES.map(({ name, least, path }) => {
    const figure = percentage(files.filter((file) => path.test(file.path)))
    console.log(`coverage of ${name}: ${figure.toFixed(1)} % of lines (at least ${least} %)`)
    return figure >= least
  })
  const passed = verdicts.every(Boolean)
  if (!passed) for (const line of widestGaps(files)) console.log(line)
  return passed
}

const writtenReports = async (): Promise<string[]> => {
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

if (import.meta.main) process.exitCode = (await gateCoverage()) ? 0 : 1
