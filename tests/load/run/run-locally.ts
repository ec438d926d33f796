import type { Installation } from '../../../bench/installation/open-installation.ts'
import { openInstallation } from '../../../bench/installation/open-installation.ts'
import type { ServerProcess } from '../../../bench/installation/processes.ts'
import { startServer } from '../../../bench/installation/processes.ts'
import type { Servers } from '../../../bench/installation/servers.ts'
import { makeServers } from '../../../bench/installation/servers.ts'
import { measureMachine } from '../../../bench/measurement/bare-machine.ts'
import { machineText } from '../../../bench/report/machine-text.ts'
import { readRunConditions } from '../../../bench/report/run-conditions.ts'
import {
  committedCount,
  complaintsAbout,
  historyOf,
} from '../../support/builders/events/stream-history.ts'
import { endEverything } from '../../support/processes/test-run/at-the-end.ts'
import type { Running } from '../../support/servers/provide/server.ts'
import type { Load } from './load-of-suite.ts'
import { overloadWarning } from './overload-warning.ts'
import { registerUsers } from './register-users.ts'
import { findK6, runK6, writeReport } from './run-k6.ts'
import { loadVariables } from './run-remotely.ts'
import type { Suite } from './suites.ts'
import { watchProcesses } from './watch-processes.ts'

/** Runs a suite on servers, instances and an observer that it starts here and stops at the end. */
export const runLocally = async (suite: Suite, load: Load): Promise<boolean> => {
  const program = await findK6()
  const conditions = readRunConditions()
  const servers = makeServers()
  const installation = await openInstallation(servers, 1)
  const bareMachine = await measureMachine(servers)
  console.log(`this machine, bare: ${machineText(bareMachine)}`)
  const overload = overloadWarning(suite, load.rate, bareMachine)
  if (overload !== null) console.log(`WARNING: ${overload}`)
  const started: ServerProcess[] = []
  try {
    for (let count = 0; count < suite.instances; count += 1)
      started.push(await installation.start())
    const addresses = started.map(({ url }) => url)
    const observer = suite.observed ? await startObserver(installation) : null
    if (observer !== null) started.push(observer)
    const faultControl = openFaultControl(await servers.nats())
    const users = await registerUsers(addresses, suite, load)
    const watch = watchProcesses()
    const { exitCode, metrics } = await runK6(program, suite, load, {
      BASE_URL: addresses.join(','),
      FAULT_URL: faultControl.url,
      ...(observer === null ? {} : { OBSERVER_URL: observer.url }),
      ...loadVariables(),
      ...users,
    })
    const used = watch.stop()
    await faultControl.stop()
    const missed = [
      ...(await missedInStream(installation)),
      ...(suite.name === 'backpressure' ? missedDuringFault(metrics) : []),
    ]
    const passed = exitCode === 0 && missed.length === 0
    await writeReport(suite, {
      suite: suite.name,
      bareMachine,
      overload,
      load,
      passed,
      settings: { ...loadVariables() },
      k6: program.description,
      missed,
      instances: suite.instances,
      used,
      ...(await describe(installation, servers)),
      conditions,
      metrics,
    })
    for (const one of missed) console.log(`MISSED: ${one}`)
    const cores = Object.entries(used).map(([name, one]) => `${name} ${one.cores.toFixed(2)}`)
    console.log(`processor: ${cores.join(', ')} cores`)
    return passed
  } finally {
    for (const one of started) await one.stop()
    await installation.sql.end()
    await endEverything()
  }
}

const startObserver = ({ environment }: Installation): Promise<ServerProcess> =>
  startServer('tests/load/observer/main.ts', {
    readyPath: '/ready',
    environment: { NATS_URL: environment['NATS_URL'] ?? '' },
  })

/** An HTTP server with which k6 freezes and thaws another server, by POST to `/freeze` and `/thaw`. */
const openFaultControl = (target: Pick<Running, 'freeze' | 'thaw'>) => {
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/freeze') await target.freeze()
      else if (pathname === '/thaw') await target.thaw()
      else return new Response(null, { status: 404 })
      return new Response(null, { status: 204 })
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) }
}

/** Every committed change must be in the stream once and in order, whatever the observer saw. */
const missedInStream = async (installation: Installation): Promise<string[]> => {
  const nats = { servers: installation.natsUrl.split(',').map((url) => new URL(url).host) }
  const history = await historyOf({ nats })
  const committed = await committedCount(installation)
  const counts = `${history.length} messages for ${committed} committed changes`
  return [
    ...(history.length === committed ? [] : [counts]),
    ...complaintsAbout(history).slice(0, 20),
  ]
}

/** The p95 of requests while NATS is frozen may be this many times the p95 before. */
const FAULT_FACTOR = 1.2

/** Compares two metrics, which a threshold of k6 cannot do. */
const missedDuringFault = (metrics: unknown): string[] => {
  const before = p95Of(metrics, 'request_before_fault')
  const during = p95Of(metrics, 'request_during_fault')
  if (during <= before * FAULT_FACTOR) return []
  return [`p95 of requests rose from ${before} ms to ${during} ms while NATS was frozen`]
}

const p95Of = (metrics: unknown, name: string): number => {
  const found = memberOf(memberOf(metrics, name), 'p(95)')
  return typeof found === 'number' ? found : Number.NaN
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** The versions and the durability of the servers, for the report. It has no secrets. */
const describe = async ({ sql, replicas }: Installation, servers: Servers) => {
  const [durability] = await sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
      current_setting('full_page_writes') as full_page_writes`
  return {
    servers: await servers.versions(),
    replicas,
    durability: {
      postgres: { ...durability },
      redis: 'appendfsync everysec',
      nats: 'file storage',
    },
  }
}
