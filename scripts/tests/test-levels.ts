import { existsSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { ROOT } from '../repository.ts'
import { runBunTest } from './run-bun-test.ts'
import type { Count } from './test-summary.ts'
import { countTests, failuresIn, runningFilesIn } from './test-summary.ts'

/** The levels in the order in which they run: fast ones first. */
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

/** These levels may have no folder. Any other level without tests is a failure. */
const OPTIONAL: readonly Level[] = ['adapters', 'twins', 'integration', 'faults']

/** These levels need no server, so none is started for them. */
const WITHOUT_SERVERS: readonly Level[] = ['unit', 'architecture', 'timing']

/** The level `timing` measures times, and a second file would disturb it. In every other level two files run at a time. */
const ONE_AT_A_TIME: readonly Level[] = ['timing']

/**
 * A level that runs longer than its limit is stopped and counts as failed. On an idle machine with two cores, a level needs
 * at most a quarter of its limit. `--limit` sets another limit for a slower machine.
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

/** The level `system` tests the example page in a browser. */
export const needBrowser = (levels: readonly Level[]): boolean => levels.includes('system')

export type LevelOutcome = Count & {
  readonly level: Level
  readonly seconds: number
  readonly failures: readonly string[]
}

/** What the arguments of `bun run test` ask for. */
export type Selection = {
  /** Names of levels, and paths of test files or folders. */
  readonly names: readonly string[]
  readonly isLong: boolean
  /** The limit for each level. Null: each level has its own limit. */
  readonly limitSeconds: number | null
}

/**
 * Reads the arguments of `bun run test`.
 * @throws Error for an unknown option.
 */
export const readArguments = (args: readonly string[]): Selection => {
  const limits = args.flatMap((argument) => /^--limit=([1-9]\d*)$/.exec(argument)?.[1] ?? [])
  const unknown = args.filter(
    (argument) => /^-/.test(argument) && !/^--(long|limit=[1-9]\d*)$/.test(argument),
  )
  if (unknown.length > 0)
    throw new Error(
      `no such option: ${unknown.join(', ')}. The options are --long and --limit=<seconds>.`,
    )
  return {
    names: args.filter((argument) => !argument.startsWith('-')),
    isLong: args.includes('--long'),
    limitSeconds: limits.length === 0 ? null : Number(limits.at(-1)),
  }
}

/**
 * The levels of these names and paths, in the order in which they run. Without names: all levels.
 * @throws Error for a name that is no level.
 */
export const chooseLevels = (names: readonly string[]): readonly Level[] => {
  const unknown = names.filter((name) => levelOf(name) === undefined)
  if (unknown.length > 0)
    throw new Error(`no such level: ${unknown.join(', ')}. The levels are: ${LEVELS.join(', ')}`)
  const chosen = names.map(levelOf)
  return names.length === 0 ? presentLevels() : LEVELS.filter((level) => chosen.includes(level))
}

const presentLevels = (): readonly Level[] =>
  LEVELS.filter((level) => !OPTIONAL.includes(level) || existsSync(join(ROOT, 'tests', level)))

/** The level `system` for `system` and for `tests/system/demo.test.ts`. */
const levelOf = (nameOrPath: string): Level | undefined => {
  const name = isPath(nameOrPath) ? normalize(nameOrPath).split('/')[1] : nameOrPath
  return LEVELS.find((level) => level === name)
}

const isPath = (nameOrPath: string): boolean => /^(\.\/)?tests\//.test(nameOrPath)

type LevelRun = {
  readonly level: Level
  /** As in a selection. Names and paths of other levels are ignored. */
  readonly names?: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Also writes `coverage/<level>/lcov.info`. */
  readonly withCoverage: boolean
  readonly limitSeconds: number
  /** The folder that contains `tests`. */
  readonly root?: string
}

export const limitOf = (level: Level, { isLong, limitSeconds }: Selection): number =>
  limitSeconds ?? (isLong ? LONG_LIMIT_SECONDS : LIMIT_SECONDS[level])

/** Long, for a busy machine. A test that needs a shorter time limit measures the time itself. */
const TEST_TIMEOUT = '--timeout=30000'

/** Runs one level in its own Bun process and passes on its output at once. */
export const runLevel = async (run: LevelRun): Promise<LevelOutcome> => {
  const { level, names = [], environment, withCoverage, limitSeconds, root = ROOT } = run
  const parallel = ONE_AT_A_TIME.includes(level) ? [] : ['--parallel=2']
  const coverage = withCoverage ? ['--coverage', `--coverage-dir=coverage/${level}`] : []
  const args = [TEST_TIMEOUT, ...parallel, ...coverage, ...filesOf(level, names, root)]
  const startedAt = performance.now()
  const { output, exitCode, isTooLate } = await runBunTest(
    { root, args, environment },
    limitSeconds,
  )
  const seconds = (performance.now() - startedAt) / 1000
  const failures = failuresIn(output)
  if (!isTooLate) return { level, seconds, ...countTests(output, exitCode), failures }
  const message = tooLateMessage(level, limitSeconds, runningFilesIn(output))
  console.error(`\n${message}`)
  return { level, seconds, passed: 0, failed: 1, failures: [...failures, message] }
}

const tooLateMessage = (level: Level, limitSeconds: number, running: readonly string[]): string =>
  [
    `The level ${level} was ended, because it ran longer than its limit of ${limitSeconds} s.`,
    ...(running.length > 0 ? [`These files were still running: ${running.join(', ')}.`] : []),
    `A slower machine may need more time: bun run test ${level} --limit=${2 * limitSeconds}`,
  ].join('\n')

/**
 * The test files and folders of a level that are selected.
 * @throws Error for a path that does not exist.
 */
const filesOf = (level: Level, names: readonly string[], root: string): readonly string[] => {
  const ofLevel = names.filter((name) => levelOf(name) === level)
  const paths = ofLevel.every(isPath) && ofLevel.length > 0 ? ofLevel : [`tests/${level}/`]
  for (const path of paths)
    if (!existsSync(join(root, path))) throw new Error(`no such test file or folder: ${path}`)
  return paths.map((path) => `./${normalize(path)}`)
}
