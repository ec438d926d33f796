import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { atTheEnd } from '../tests/support/processes/at-the-end.ts'
import { ROOT } from './repository.ts'
import type { Count } from './test-summary.ts'
import { countTests, failuresIn } from './test-summary.ts'

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
const ALONE: readonly Level[] = ['unit', 'architecture', 'timing']

/**
 * Their files wait, or keep one core busy, so they run two at once; each has databases, keys, streams and processes of its
 * own. Not among them are adapters: a page of the ledger ends before the oldest transaction of the whole server, and a
 * neighbour has some; and timing: it measures, and a neighbour shows.
 */
const SIDE_BY_SIDE: readonly Level[] = ['integration', 'system', 'faults']

export const needServers = (levels: readonly Level[]): boolean =>
  levels.some((level) => !ALONE.includes(level))

/** The example page is tested as a black box, too. */
export const needBrowser = (levels: readonly Level[]): boolean => levels.includes('system')

export type LevelOutcome = Count & {
  readonly level: Level
  readonly seconds: number
  readonly failures: readonly string[]
}

/** The levels asked for, in their order; without a wish all that there are. Throws on a name that is none. */
export const chooseLevels = (asked: readonly string[]): readonly Level[] => {
  const strangers = asked.filter((name) => !LEVELS.some((level) => level === name))
  if (strangers.length > 0) throw new Error(`no such level: ${strangers.join(', ')}`)
  return asked.length === 0 ? presentLevels() : LEVELS.filter((level) => asked.includes(level))
}

const presentLevels = (): readonly Level[] =>
  LEVELS.filter((level) => !OPTIONAL.includes(level) || existsSync(join(ROOT, 'tests', level)))

type LevelRun = {
  readonly level: Level
  readonly environment: Readonly<Record<string, string>>
  /** Writes `coverage/<level>/lcov.info` too. */
  readonly withCoverage: boolean
}

/** For a machine that is busy with something else; what must be quick is measured by the test that says so. */
const PATIENCE = '--timeout=30000'

/** Runs one level in a Bun of its own and passes on what it says while it says it. */
export const runLevel = ({ level, environment, withCoverage }: LevelRun): Promise<LevelOutcome> => {
  const coverage = withCoverage ? ['--coverage', `--coverage-dir=coverage/${level}`] : []
  const beside = SIDE_BY_SIDE.includes(level) ? ['--parallel=2'] : []
  const options = [PATIENCE, ...beside, ...coverage]
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['test', ...options, `./tests/${level}/`], {
      cwd: ROOT,
      env: { ...process.env, ...colours(), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // On Ctrl-C this process ends its servers; the tests must not go on without them.
    atTheEnd(async () => void child.kill())
    let output = ''
    child.stdout.pipe(process.stdout, { end: false })
    child.stderr.pipe(process.stderr, { end: false })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => {
      const seconds = (performance.now() - began) / 1000
      resolve({ level, seconds, ...countTests(output, code), failures: failuresIn(output) })
    })
  })
}

const colours = () => (process.stderr.isTTY ? { FORCE_COLOR: '1' } : {})
