import type { Server as Process } from '../../../bench/children.ts'
import { startServer } from '../../../bench/children.ts'
import type { Servers } from '../../../bench/servers.ts'
import { makeServers } from '../../../bench/servers.ts'
import type { Site } from '../../../bench/site.ts'
import { openSite } from '../../../bench/site.ts'
import { endEverything } from '../../support/processes/at-the-end.ts'
import { missedHere } from './missed-here.ts'
import { openFaultControl } from './open-fault-control.ts'
import { wishes } from './run-against.ts'
import { runK6 } from './run-k6.ts'
import type { Suite } from './suites.ts'
import { watchProcesses } from './watch-processes.ts'
import { writeReport } from './write-report.ts'

/** On servers, instances and an observer of its own, all of them ended afterwards. */
export const runHere = async (suite: Suite): Promise<boolean> => {
  const servers = makeServers()
  const site = await openSite(servers, 1)
  const started: Process[] = []
  try {
    for (let count = 0; count < suite.instances; count += 1) started.push(await site.start())
    const addresses = started.map(({ url }) => url).join(',')
    const observer = suite.observed ? await startObserver(site) : null
    if (observer !== null) started.push(observer)
    const faults = openFaultControl(await servers.nats())
    const watch = watchProcesses()
    const { exitCode, metrics, way } = await runK6(suite.name, {
      ...{ BASE_URL: addresses, FAULT_URL: faults.url },
      ...(observer === null ? {} : { OBSERVER_URL: observer.url }),
      ...wishes(),
    })
    const used = watch.stop()
    await faults.stop()
    const missed = await missedHere(suite, site, metrics)
    const passed = exitCode === 0 && missed.length === 0
    await writeReport({
      ...{ suite: suite.name, passed, settings: { ...wishes() }, k6: way, missed },
      ...{ instances: suite.instances, used, ...(await describe(site, servers)), metrics },
    })
    for (const one of missed) console.log(`MISSED: ${one}`)
    console.log(`processor: ${shown(used)}`)
    return passed
  } finally {
    for (const one of started) await one.stop()
    await site.sql.end()
    await endEverything()
  }
}

const startObserver = ({ environment }: Site): Promise<Process> =>
  startServer('tests/load/observer/main.ts', {
    readyPath: '/ready',
    environment: { NATS_URL: environment['NATS_URL'] ?? '' },
  })

/** What the figures stand on. No secrets: of the settings those that are ours. */
const describe = async ({ sql, nodes }: Site, servers: Servers) => {
  const [durability] = await sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
      current_setting('full_page_writes') as full_page_writes`
  return {
    servers: await servers.versions(),
    replicas: nodes,
    durability: {
      postgres: { ...durability },
      redis: 'appendfsync everysec',
      nats: 'file storage',
    },
  }
}

const shown = (used: ReturnType<ReturnType<typeof watchProcesses>['stop']>): string =>
  Object.entries(used)
    .map(([name, { cores }]) => `${name} ${cores.toFixed(2)}`)
    .join(', ')
    .concat(' cores')
