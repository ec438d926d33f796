import { endEverything, endOnSignals } from '../../tests/support/processes/test-run/at-the-end.ts'
import { removeRunFolder } from '../../tests/support/processes/test-run/test-run.ts'
import { provideServers } from './provide-servers.ts'

/** `bun run test:servers` starts the three servers, prints their URLs, and stops them on Ctrl-C. */
endOnSignals(removeRunFolder)
try {
  const environment = await provideServers()
  for (const [name, value] of Object.entries(environment))
    if (/^TEST_(POSTGRES|REDIS|NATS)_URL$/.test(name)) console.log(`${name}=${value}`)
  setInterval(() => {}, 60_000)
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  await endEverything()
  removeRunFolder()
  process.exitCode = 1
}
