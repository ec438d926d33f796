import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BareMachine } from '../../../bench/measurement/bare-machine.ts'
import type { RunConditions } from '../../../bench/report/run-conditions.ts'
import { ROOT } from '../../../scripts/repository.ts'
import { runFolder } from '../../support/processes/test-run/test-run.ts'
import type { Load } from './load-of-suite.ts'
import { reportName } from './load-of-suite.ts'
import type { Suite } from './suites.ts'

const REPORTS = join(ROOT, 'tests/load/reports')

const reportPath = (suite: Suite, load: Load, extension: 'json' | 'html'): string =>
  join(REPORTS, `${reportName(suite, load)}.${extension}`)

const DASHBOARD = {
  K6_WEB_DASHBOARD: 'true',
  K6_WEB_DASHBOARD_PORT: '-1',
  K6_WEB_DASHBOARD_PERIOD: '2s',
}
/** k6 has little in memory, so it may collect garbage less often. It then uses less of the cores that it shares with the service. */
const GARBAGE_COLLECTION = { GOGC: '400' }
const DASHBOARD_FILE = 'K6_WEB_DASHBOARD_EXPORT'

export type K6Run = {
  readonly exitCode: number
  /** The summary of k6. Null when it wrote none. */
  readonly metrics: unknown
}

/** Runs a suite with k6. Its output goes to this terminal, its dashboard to a file, and its summary into the answer. */
export const runK6 = async (
  program: K6,
  suite: Suite,
  load: Load,
  variables: Readonly<Record<string, string>>,
): Promise<K6Run> => {
  mkdirSync(REPORTS, { recursive: true })
  const summary = reportPath(suite, load, 'json')
  const [file = '', ...args] = [
    ...program.command,
    'run',
    '--no-usage-report',
    '--summary-export',
    summary,
    ...Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    join(ROOT, 'tests/load/suites', `${suite.name}.ts`),
  ]
  const child = spawn(file, args, {
    cwd: ROOT,
    env: {
      ...GARBAGE_COLLECTION,
      ...process.env,
      ...DASHBOARD,
      [DASHBOARD_FILE]: reportPath(suite, load, 'html'),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [exitCode] = await once(child, 'close')
  const metrics: unknown = await Bun.file(summary)
    .json()
    .then((whole) => whole.metrics)
    .catch(() => null)
  return { exitCode: exitCode ?? 1, metrics }
}

export type Report = {
  readonly suite: string
  /** What the machine could do in the minute before. Null: the service ran elsewhere. */
  readonly bareMachine: BareMachine | null
  /** Why the machine could not do what the suite asked for. Null: it could. */
  readonly overload: string | null
  /** What was asked for. */
  readonly load: Load
  readonly passed: boolean
  readonly settings: Readonly<Record<string, string>>
  readonly k6: string
  /** Limits that were missed and that k6 cannot check. */
  readonly missed: readonly string[]
  /** Read before the run. */
  readonly conditions: RunConditions
  readonly metrics: unknown
} & Readonly<Record<string, unknown>>

/** The text of a report: first what a reader needs to judge the figures, then the metrics of k6. */
export const reportText = (report: Report): string => {
  const { suite, bareMachine, overload, load, metrics, ...rest } = report
  return `${JSON.stringify({ suite, bareMachine, overload, load, ...rest, metrics }, null, 2)}\n`
}

/** Writes `reports/<suite>.json`, or beside it when the load is not the suite's default. */
export const writeReport = (suite: Suite, report: Report): Promise<void> =>
  writeFile(reportPath(suite, report.load, 'json'), reportText(report))

/** The command that starts k6 on this machine, and a description of it. */
export type K6 = { readonly command: readonly string[]; readonly description: string }

const VERSION = 'v1.8.1'
const IMAGE = `grafana/k6:${VERSION.slice(1)}`
const BIN = join(ROOT, 'node_modules/.cache/k6', VERSION)

/**
 * Finds k6 on the PATH, or gets it from Docker, or builds it with Go.
 * @throws Error that says what to install, when none of these works.
 */
export const findK6 = async (): Promise<K6> => {
  const found = await lookForK6()
  console.log(`k6: ${found.description}`)
  return found
}

const lookForK6 = async (): Promise<K6> => {
  const onPath = Bun.which('k6')
  if (onPath !== null)
    return { command: [onPath], description: `${await versionOf(onPath)} from the PATH` }
  if (await succeeds('docker', ['pull', '--quiet', IMAGE]))
    return { command: dockerCommand(), description: `a container of ${IMAGE}` }
  const built = join(BIN, 'k6')
  if (!existsSync(built)) await build()
  if (existsSync(built))
    return { command: [built], description: `${await versionOf(built)}, built by Go` }
  throw new Error(
    `the load tests need k6. It is not on the PATH, Docker cannot pull ${IMAGE}, and \`go install\` cannot build it.\n` +
      `Install k6 ${VERSION}, or Docker, or Go 1.25 or newer.`,
  )
}

/** A container in the network of this machine. It runs as the current user, who then owns the reports. */
const dockerCommand = (): readonly string[] => [
  'docker',
  'run',
  '--rm',
  '--network',
  'host',
  '--volume',
  `${ROOT}:${ROOT}`,
  '--volume',
  `${runFolder()}:${runFolder()}:ro`,
  '--workdir',
  ROOT,
  ...(process.getuid === undefined ? [] : ['--user', String(process.getuid())]),
  ...[...Object.keys({ ...GARBAGE_COLLECTION, ...DASHBOARD }), DASHBOARD_FILE].flatMap((name) => [
    '--env',
    name,
  ]),
  IMAGE,
]

const build = async (): Promise<void> => {
  mkdirSync(BIN, { recursive: true })
  console.log(`building k6 ${VERSION} with go install, which takes a minute or two`)
  await succeeds('go', ['install', `go.k6.io/k6@${VERSION}`], { GOBIN: BIN })
}

const versionOf = async (program: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, ['version'])
  return stdout.split(' ').slice(0, 2).join(' ').trim()
}

const succeeds = async (
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<boolean> => {
  try {
    await promisify(execFile)(program, args, { env: { ...process.env, ...environment } })
    return true
  } catch {
    return false
  }
}
