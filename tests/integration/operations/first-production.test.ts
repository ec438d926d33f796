import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { freePort } from '../../support/processes/native/free-port.ts'
import type { Environment } from '../../support/processes/native/spawn-process.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { runCommand, startService } from '../../support/processes/service/start-service.ts'
import { atTheEnd } from '../../support/processes/test-run/at-the-end.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { provided } from '../../support/servers/provide/provide-servers.ts'

const servers = {
  ...(await provided('PostgreSQL')),
  ...(await provided('Redis')),
  ...(await provided('NATS')),
}
// The streams of an account of this file's own.
const nats = await givenNats()

const assignmentsOf = (lines: string): Environment =>
  Object.fromEntries(
    [...lines.matchAll(/(?:^export| )\s*([A-Z_]+)=('[^']*'|[^ #\n]*)/gm)].map(
      ([, name = '', value = '']) => [name, value.replaceAll("'", '')],
    ),
  )

/** What `bun run test:servers` prints, as it stands. */
const printedByTestServers = async (): Promise<Environment> => {
  const started = spawnProcess(
    [join(BIN, 'bun'), join(ROOT, 'scripts/tests/start-servers.ts')],
    Object.fromEntries(
      Object.entries({ ...process.env, ...servers }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
  )
  atTheEnd(async () => {
    started.signal('SIGTERM')
    await started.ended
  })
  return eventually('all lines', 60, () => {
    const { stdout } = started.output()
    expect(stdout).toMatch(/^export NATS_URL=.*\n/m)
    return assignmentsOf(stdout)
  })
}

test('the production lines of the first page lead to a service that the doctor finds well [CF8]', async () => {
  const page = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const [, block = ''] = /^```sh\n(export NODE_ENV=production[^`]+)\n```$/m.exec(page) ?? []
  const file = join(temporaryFolder(), 'auth-keys.env')
  const generated = await runCommand(['keys', 'generate', '--out', file])
  expect(generated.exitCode).toBe(0)
  const environment = {
    ...assignmentsOf(block.replaceAll('auth-keys.env', file)),
    ...(await printedByTestServers()),
    ...nats.environment,
    PORT: String(await freePort()),
    MANAGEMENT_PORT: String(await freePort()),
  }
  const migrated = await runCommand(['migrate'], { environment })
  expect(migrated.exitCode).toBe(0)
  const service = await startService({ environment })
  atTheEnd(() => service.stop())
  // The streams are created, read and audited one after the other.
  const examined = await eventually('all is well', 60, async () => {
    const outcome = await runCommand(['doctor'], { environment })
    expect(outcome.stdout + outcome.stderr).toContain('All is well.')
    return outcome
  })
  expect(examined.exitCode).toBe(0)
  expect(examined.stdout).not.toContain('WARN')
}, 240_000)
