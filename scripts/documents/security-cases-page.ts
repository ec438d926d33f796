import { ROOT, readFrom, typeScriptUnder } from '../repository.ts'
import type { SecurityCase } from './security-cases.ts'
import { securityCases, securityFamilies } from './security-cases.ts'
import { titlesIn } from './test-titles.ts'

/** By the id of a case: the test files that have the id in a title. */
export type Coverage = ReadonlyMap<string, readonly string[]>

const BRACKETS = /\[([A-Z]{2}\d{1,2}(?:, ?[A-Z]{2}\d{1,2})*)\]/g

const FAMILY_LETTERS = new Set(securityCases.map(({ id }) => id.slice(0, 2)))

/** The ids of security cases in the test titles of a source text. Ids of other families (of reliability, for example) are left out. */
export const idsInTitles = (source: string): string[] => {
  const ids = titlesIn(source).flatMap((title) =>
    [...title.matchAll(BRACKETS)].flatMap(([, list = '']) => list.split(/, ?/)),
  )
  return [...new Set(ids)].filter((id) => FAMILY_LETTERS.has(id.slice(0, 2)))
}

export const readCoverage = async (root = ROOT): Promise<Coverage> => {
  const coverage = new Map<string, string[]>()
  for (const path of await typeScriptUnder('tests', root))
    for (const id of idsInTitles(await readFrom(path, root)))
      coverage.set(id, [...(coverage.get(id) ?? []), path])
  return coverage
}

/** The cases that need nothing more and have no test, and the ids in titles that belong to no case. */
export const coverageProblems = (
  cases: readonly SecurityCase[],
  coverage: Coverage,
): { readonly uncovered: string[]; readonly unknown: string[] } => {
  const known = new Set(cases.map(({ id }) => id))
  return {
    uncovered: cases
      .filter(({ id, needs }) => needs.length === 0 && !coverage.has(id))
      .map(({ id }) => id),
    unknown: [...coverage.keys()].filter((id) => !known.has(id)),
  }
}

const stateOf = ({ id, needs }: SecurityCase, coverage: Coverage): string => {
  const files = (coverage.get(id) ?? []).map((path) => `[${nameOf(path)}](../${path})`).join(', ')
  if (needs.length === 0) return files === '' ? '**no test yet**' : files
  const waiting = `needs ${needs.join(', ')}`
  return files === '' ? `open: ${waiting}` : `in part: ${files}; the rest ${waiting}`
}

const nameOf = (path: string): string =>
  path.replace(/^tests\//, '').replace(/(?:\.test)?\.ts$/, '')

const INTRODUCTION = `<!-- Written by scripts/documents/generate-documents.ts from scripts/documents/security-cases.ts and the titles of the tests. -->
# Security cases

Each case is a promise that an attacker might try to break. The tests that check a case have its id in brackets at the end of
their titles. So \`bun test -t PW3\` runs every test of case PW3.

The column "tests" lists the test files of a case. "Open" means that no test exists yet. "In part" means that the listed tests
check a part of the case. Both say what is still missing.`

export const renderSecurityCases = async (): Promise<string> => {
  const coverage = await readCoverage()
  const sections = securityFamilies.map(({ title, cases }) => {
    const rows = cases.map((one) => `| ${one.id} | ${one.claim} | ${stateOf(one, coverage)} |`)
    return [`## ${title}`, '', '| id | promise | tests |', '|---|---|---|', ...rows].join('\n')
  })
  return `${[INTRODUCTION, ...sections].join('\n\n')}\n`
}
