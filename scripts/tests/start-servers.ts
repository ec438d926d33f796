import process from 'node:process'
import { endEverything, endOnSignals } from '../../tests/support/processes/test-run/at-the-end.ts'
import { removeRunFolder } from '../../tests/support/processes/test-run/test-run.ts'
import { givenPostgres } from '../../tests/support/servers/postgres/given-postgres.ts'
import { givenRoles } from '../../tests/support/servers/postgres/given-roles.ts'
import { provideServers } from './provide-servers.ts'

/**
 * `bun run test:servers` starts the three servers, and stops them on Ctrl-C. It prints lines to paste into another terminal:
 * for the tests, and for a service in production, whose database has an owner and a role that the service runs as.
 */
endOnSignals(removeRunFolder)
try {
  Object.assign(process.env, await provideServers())
  const { TEST_POSTGRES_URL = '', TEST_REDIS_URL = '', TEST_NATS_URL = '' } = process.env
  const { appUrl, ownerUrl } = await givenRoles(await givenPostgres())
  const lines = {
    TEST_POSTGRES_URL,
    TEST_REDIS_URL,
    TEST_NATS_URL,
    DATABASE_URL: appUrl,
    MIGRATION_DATABASE_URL: ownerUrl,
    REDIS_URL: TEST_REDIS_URL,
    NATS_URL: TEST_NATS_URL,
  }
  for (const [name, value] of Object.entries(lines)) console.log(`export ${name}='${value}'`)
  setInterval(() => {}, 60_000)
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  await endEverything()
  removeRunFolder()
  process.exitCode = 1
}
