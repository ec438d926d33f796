import { atTheEnd } from '../../tests/support/processes/test-run/at-the-end.ts'
import { RUN_FOLDER, runFolder } from '../../tests/support/processes/test-run/test-run.ts'
import { provideBrowser } from '../../tests/support/servers/browser/provide-browser.ts'
import type { Provided } from '../../tests/support/servers/provide/provide-servers.ts'
import { provideServer, SERVER_NAMES } from '../../tests/support/servers/provide/provide-servers.ts'

/**
 * PostgreSQL, Redis and NATS for a run of tests. Prints for each server where it comes from.
 * @returns the variables with which the tests find the servers.
 * @throws AggregateError when a server is missing. It says what to install for each missing one.
 */
export const provideServers = async (): Promise<Readonly<Record<string, string>>> => {
  const folder = runFolder()
  atTheEnd(removeRemainingContainers)
  const outcomes = await Promise.allSettled(SERVER_NAMES.map(provideOne))
  const faults = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (faults.length > 0) throw new AggregateError(faults, faults.map(reasonOf).join('\n'))
  const provided = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  return Object.assign({ [RUN_FOLDER]: folder }, ...provided.map((one) => one.environment))
}

/**
 * The browser for a run of tests. Prints where it comes from.
 * @throws Error when there is none.
 */
export const provideTestBrowser = async (): Promise<Readonly<Record<string, string>>> => {
  const { way, environment } = await provideBrowser()
  console.log(`Chromium: ${way}`)
  return environment
}

const provideOne = async (name: Provided['name']): Promise<Provided> => {
  const provided = await provideServer(name)
  console.log(`${name}: ${provided.way}`)
  return provided
}

const reasonOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause === undefined ? fault.message : `${fault.message}: ${reasonOf(fault.cause)}`
}

/** Removes the containers of killed processes of this run. It is registered first, so it runs after everything else. */
const removeRemainingContainers = async (): Promise<void> => {
  const { whyNoEngine, removeContainersOfRun } = await import(
    '../../tests/support/servers/provide/open-container.ts'
  )
  if ((await whyNoEngine()) === null) await removeContainersOfRun()
}
