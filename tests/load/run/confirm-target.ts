import { createInterface } from 'node:readline/promises'
import type { Suite } from './suites.ts'

/** Load on a service that people use is an outage: whoever wants it has to say the name of the host. */
export const confirmTarget = async (target: string, suites: readonly Suite[]): Promise<boolean> => {
  const { host } = new URL(target)
  const names = suites.map(({ name }) => name).join(', ')
  console.log(`
  ################################################################################
  This sends load to ${host}: ${names}.
  It registers hundreds of accounts there, and whoever uses that service will notice.
  Its limits must allow for it: everything comes from one address (RATE_LIMIT_…).
  ################################################################################
`)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`Type ${host} to go on: `)
  terminal.close()
  return answer.trim() === host
}
