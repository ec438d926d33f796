import { createInterface } from 'node:readline/promises'
import { readRunConditions } from '../../../bench/report/run-conditions.ts'
import type { Load } from './load-of-suite.ts'
import { registerUsers } from './register-users.ts'
import { findK6, runK6, writeReport } from './run-k6.ts'
import type { Suite } from './suites.ts'

const { RATE, DURATION, USERS, OBSERVER_URL } = process.env

/** What changes the load of a suite, when the user has set it. */
export const loadVariables = (): Readonly<Record<string, string>> => ({
  ...(RATE === undefined ? {} : { RATE }),
  ...(DURATION === undefined ? {} : { DURATION }),
  ...(USERS === undefined ? {} : { USERS }),
})

/** Load can take a service down that people use. So the user has to type the name of the host first. */
export const confirmTarget = async (target: string, suites: readonly Suite[]): Promise<boolean> => {
  const { host } = new URL(target)
  const names = suites.map(({ name }) => name).join(', ')
  console.log(`
  ################################################################################
  This sends load to ${host}: ${names}.
  It registers hundreds or thousands of accounts there, and the users of that service will notice.
  All requests come from one IP address, so raise its rate limits first (RATE_LIMIT_…).
  ################################################################################
`)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`Type ${host} to go on: `)
  terminal.close()
  return answer.trim() === host
}

/** Runs a suite against an installation that runs already. With OBSERVER_URL, events are measured too. */
export const runRemotely = async (target: string, suite: Suite, load: Load): Promise<boolean> => {
  const program = await findK6()
  const observer = OBSERVER_URL === undefined ? {} : { OBSERVER_URL }
  const settings = { BASE_URL: target, ...observer, ...loadVariables() }
  const conditions = readRunConditions()
  const users = await registerUsers([target], suite, load)
  const { exitCode, metrics } = await runK6(program, suite, load, { ...settings, ...users })
  const passed = exitCode === 0
  await writeReport(suite, {
    suite: suite.name,
    bareMachine: null,
    overload: null,
    load,
    passed,
    settings,
    k6: program.description,
    metrics,
    missed: [],
    conditions,
  })
  return passed
}
