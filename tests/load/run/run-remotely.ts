import { createInterface } from 'node:readline/promises'
import { readRunConditions } from '../../../bench/report/run-conditions.ts'
import { runK6, writeReport } from './run-k6.ts'
import type { Suite } from './suites.ts'

const { RATE, DURATION, OBSERVER_URL } = process.env

/** Rate and duration for k6, when the user has set them. */
export const loadVariables = (): Readonly<Record<string, string>> => ({
  ...(RATE === undefined ? {} : { RATE }),
  ...(DURATION === undefined ? {} : { DURATION }),
})

/** Load can take a service down that people use. So the user has to type the name of the host first. */
export const confirmTarget = async (target: string, suites: readonly Suite[]): Promise<boolean> => {
  const { host } = new URL(target)
  const names = suites.map(({ name }) => name).join(', ')
  console.log(`
  ################################################################################
  This sends load to ${host}: ${names}.
  It registers hundreds of accounts there, and the users of that service will notice.
  All requests come from one IP address, so raise its rate limits first (RATE_LIMIT_…).
  ################################################################################
`)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`Type ${host} to go on: `)
  terminal.close()
  return answer.trim() === host
}

/** Runs a suite against an installation that runs already. With OBSERVER_URL, events are measured too. */
export const runRemotely = async (target: string, { name }: Suite): Promise<boolean> => {
  const observer = OBSERVER_URL === undefined ? {} : { OBSERVER_URL }
  const settings = { BASE_URL: target, ...observer, ...loadVariables() }
  const conditions = readRunConditions()
  const { exitCode, metrics, k6 } = await runK6(name, settings)
  const passed = exitCode === 0
  await writeReport({
    suite: name,
    bareMachine: null,
    overload: null,
    passed,
    settings,
    k6,
    metrics,
    missed: [],
    conditions,
  })
  return passed
}
