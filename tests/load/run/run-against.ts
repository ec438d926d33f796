import { runK6 } from './run-k6.ts'
import type { Suite } from './suites.ts'
import { writeReport } from './write-report.ts'

const { RATE, DURATION, OBSERVER_URL } = process.env

/** What the caller wants of the suite, as its variables. */
export const wishes = (): Readonly<Record<string, string>> => ({
  ...(RATE === undefined ? {} : { RATE }),
  ...(DURATION === undefined ? {} : { DURATION }),
})

/** Against an installation that is there. With OBSERVER_URL, events are measured there too. */
export const runAgainst = async (target: string, { name }: Suite): Promise<boolean> => {
  const observer = OBSERVER_URL === undefined ? {} : { OBSERVER_URL }
  const settings = { BASE_URL: target, ...observer, ...wishes() }
  const { exitCode, metrics, way } = await runK6(name, settings)
  const passed = exitCode === 0
  await writeReport({ suite: name, passed, settings, k6: way, metrics, missed: [] })
  return passed
}
