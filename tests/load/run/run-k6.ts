import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { findK6 } from './find-k6.ts'

const REPORTS = join(ROOT, 'tests/load/reports')
export const reportPath = (suite: string, extension: 'json' | 'html'): string =>
  join(REPORTS, `${suite}.${extension}`)

export type K6Run = { readonly exitCode: number; readonly metrics: unknown; readonly way: string }

/** Runs a suite, with what it says on this terminal, k6's own dashboard as a file, and its figures as an answer. */
export const runK6 = async (
  suite: string,
  environment: Readonly<Record<string, string>>,
): Promise<K6Run> => {
  mkdirSync(REPORTS, { recursive: true })
  const dashboard = {
    K6_WEB_DASHBOARD: 'true',
    K6_WEB_DASHBOARD_PORT: '-1',
    K6_WEB_DASHBOARD_PERIOD: '2s',
    K6_WEB_DASHBOARD_EXPORT: reportPath(suite, 'html'),
  }
  const { command, way } = await findK6(Object.keys(dashboard))
  console.log(`k6: ${way}`)
  const summary = reportPath(suite, 'json')
  const variables = Object.entries(environment).flatMap(([name, value]) => [
    '-e',
    `${name}=${value}`,
  ])
  const script = join(ROOT, 'tests/load/suites', `${suite}.ts`)
  const [program = '', ...words] = [
    ...command,
    ...['run', '--no-usage-report', '--summary-export', summary, ...variables, script],
  ]
  const child = spawn(program, words, {
    cwd: ROOT,
    env: { ...process.env, ...dashboard },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [exitCode] = await once(child, 'close')
  // Without what the set-up gave to the callers: those are their tokens.
  const metrics: unknown = await Bun.file(summary)
    .json()
    .then((whole) => whole.metrics)
    .catch(() => null)
  return { exitCode: exitCode ?? 1, metrics, way }
}
