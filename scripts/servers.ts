import { atTheEnd } from '../tests/support/processes/at-the-end.ts'
import { RUN_FOLDER, runFolder } from '../tests/support/processes/run-folder.ts'
import { provideBrowser } from '../tests/support/servers/provide-browser.ts'
import type { Provided } from '../tests/support/servers/provide-servers.ts'
import { provideServer, SERVER_NAMES } from '../tests/support/servers/provide-servers.ts'

/**
 * PostgreSQL, Redis and NATS for a run of tests, until it ends. Says for each how it came here. Throws when one
 * cannot be had, with what to install for every one that is missing.
 */
export const provideServers = async (): Promise<Readonly<Record<string, string>>> => {
  const folder = runFolder()
  atTheEnd(removeLeftContainers)
  const outcomes = await Promise.allSettled(SERVER_NAMES.map(provideAndSay))
  const faults = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (faults.length > 0) throw new AggregateError(faults, faults.map(reasonOf).join('\n'))
  const provided = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  return Object.assign({ [RUN_FOLDER]: folder }, ...provided.map((one) => one.environment))
}

/** The browser for a run of tests. Says how it came here; throws when there is none. */
export const provideBrowserAndSay = async (): Promise<Readonly<Record<string, string>>> => {
  const { way, environment } = await provideBrowser()
  console.log(`Chromium: ${way}`)
  return environment
}

const provideAndSay = async (name: Provided['name']): Promise<Provided> => {
  const provided = await provideServer(name)
  console.log(`${name}: ${provided.way}`)
  return provided
}

const reasonOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause === undefined ? fault.message : `${fault.message}: ${reasonOf(fault.cause)}`
}

/** What a killed process of this run left. Registered first, it comes after everything else. */
const removeLeftContainers = async (): Promise<void> => {
  const { whyNoEngine, removeContainersOfRun } = await import(
    '../tests/support/servers/open-container.ts'
  )
  if ((await whyNoEngine()) === null) await removeContainersOfRun()
}
