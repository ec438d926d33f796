import { existsSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { ROOT } from './repository.ts'
import { runBunTest } from './run-bun-test.ts'
import type { Count } from './test-summary.ts'
import { countTests, failuresIn, runningFilesIn } from './test-summary.ts'

/** In the order in which they run: what is quick and near the core first. */
const LEVELS = [
  'unit',
  'contract',
  'architecture',
  'adapters',
  'twins',
  'integration',
  'system',
  'timing',
  'faults',
] as const
export type Level = (typeof LEVELS)[number]

/** These may have no folder; any other level without tests is a failure. */
const OPTIONAL: readonly Level[] = ['adapters', 'twins', 'integration', 'faults']

/** These need no server, so nobody waits for one. */
const WITHOUT_SERVERS: readonly Level[] = ['unit', 'architecture', 'timing']

/** Timing measures, and a neighbour on the machine would show. In every other level two files run at a time. */
const ONE_AT_A_TIME: readonly Level[] = ['timing']

/**
 * A level that runs longer than this is ended and counts as failed. On a quiet machine of two cores each needs a quarter of
 * it at most; `--limit` sets another one for a slower machine.
 */
const LIMIT_SECONDS: Readonly<Record<Level, number>> = {
  unit: 240,
  contract: 240,
  architecture: 120,
  adapters: 480,
  twins: 120,
  integration: 480,
  system: 900,
  timing: 480,
  faults: 900,
}
const LONG_LIMIT_SECONDS = 7200

export const needServers = (levels: readonly Level[]): boolean =>
  levels.some((level) => !WITHOUT_SERVERS.includes(level))

/** The example page is tested as a black box, too. */
export const needBrowser = (levels: readonly Level[]): boolean => levels.includes('system')

export type LevelOutcome = Count & {
  readonly level: Level
  readonly seconds: number
  readonly failures: readonly string[]
}

export type Wish = {
  /** Names of levels, and paths of test files or folders. */
  readonly asked: readonly string[]
  readonly isLong: boolean
  /** For each level; null for the limit that it has. */
  readonly limitSeconds: number | null
}

/** Reads the words behind `bun run test`. Throws on an option that there is not. */
export const readWish = (words: readonly string[]): Wish => {
  const limits = words.flatMap((word) => /^--limit=([1-9]\d*)$/.exec(word)?.[1] ?? [])
  const unknown = words.filter((word) => /^-/.test(word) && !/^--(long|limit=[1-9]\d*)$/.test(word))
  if (unknown.length > 0)
    throw new Error(
      `no such option: ${unknown.join(', ')}. There are --long and --limit=<seconds>.`,
    )
  return {
    asked: words.filter((word) => !word.startsWith('-')),
    isLong: words.includes('--long'),
    limitSeconds: limits.length === 0 ? null : Number(limits.at(-1)),
  }
}

/** The levels asked for, in their order; without a wish all that there are. Throws on a name that is none. */
export const chooseLevels = (asked: readonly string[]): readonly Level[] => {
  const strangers = asked.filter((name) => levelOf(name) === undefined)
  if (strangers.length > 0) throw new Error(`no such level: ${strangers.join(', ')}`)
  const chosen = asked.map(levelOf)
  return asked.length === 0 ? presentLevels() : LEVELS.filter((level) => chosen.includes(level))
}

const presentLevels = (): readonly Level[] =>
  LEVELS.filter((level) => !OPTIONAL.includes(level) || existsSync(join(ROOT, 'tests', level)))

/** `system` for itself and for `tests/system/demo.test.ts`. */
const levelOf = (asked: string): Level | undefined => {
  const name = isPath(asked) ? normalize(asked).split('/')[1] : asked
  return LEVELS.find((level) => level === name)
}

const isPath = (asked: string): boolean => /^(\.\/)?tests\//.test(asked)

type LevelRun = {
  readonly level: Level
  /** As in a wish; what belongs to other levels is passed over. */
  readonly asked?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Writes `coverage/<level>/lcov.info` too. */
  readonly withCoverage: boolean
  readonly limitSeconds: number
  /** Holds the folder `tests`. */
  readonly root?: string
}

export const limitOf = (level: Level, { isLong, limitSeconds }: Wish): number =>
  limitSeconds ?? (isLong ? LONG_LIMIT_SECONDS : LIMIT_SECONDS[level])

/** For a machine that is busy with something else; what must be quick is measured by the test that says so. */
const PATIENCE = '--timeout=30000'

/** Runs one level in a Bun of its own and passes on what it says while it says it. */
export const runLevel = async (run: LevelRun): Promise<LevelOutcome> => {
  const { level, asked = [], environment, withCoverage, limitSeconds, root = ROOT } = run
  const besides = ONE_AT_A_TIME.includes(level) ? [] : ['--parallel=2']
  const coverage = withCoverage ? ['--coverage', `--coverage-dir=coverage/${level}`] : []
  const args = [PATIENCE, ...besides, ...coverage, ...filesOf(level, asked, root)]
  const began = performance.now()
  const { output, exitCode, isTooLate } = await runBunTest(
    { root, args, environment },
    limitSeconds,
  )
  const seconds = (performance.now() - began) / 1000
  const failures = failuresIn(output)
  if (!isTooLate) return { level, seconds, ...countTests(output, exitCode), failures }
  const tooLate = tooLateIn(level, limitSeconds, runningFilesIn(output))
  console.error(`\n${tooLate}`)
  return { level, seconds, passed: 0, failed: 1, failures: [...failures, tooLate] }
}

const tooLateIn = (level: Level, limitSeconds: number, running: readonly string[]): string =>
  [
    `The level ${level} was ended, because it ran longer than its limit of ${limitSeconds} s.`,
    ...(running.length > 0 ? [`These files were still running: ${running.join(', ')}.`] : []),
    `A slower machine may need more time: bun run test ${level} --limit=${2 * limitSeconds}`,
  ].join('\n')

/** The test files and folders of a level that are asked for. Throws on a path that is none. */
const filesOf = (level: Level, asked: readonly string[], root: string): readonly string[] => {
  const mine = asked.filter((one) => levelOf(one) === level)
  const paths = mine.every(isPath) && mine.length > 0 ? mine : [`tests/${level}/`]
  for (const path of paths)
    if (!existsSync(join(root, path))) throw new Error(`no such test file or folder: ${path}`)
  return paths.map((path) => `./${normalize(path)}`)
}
