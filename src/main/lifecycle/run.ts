import process from 'node:process'
import type { Refusal } from '../../domain/operations/exit-codes.ts'
import { EXIT, SIGNAL_EXIT } from '../../domain/operations/exit-codes.ts'
import { faultLine } from '../../domain/shared/fault-line.ts'
import { shownHost } from '../../domain/shared/server-address.ts'
import { embeddedParts, VERSION } from '../config/config.ts'
import { isToldByBanner, writeBanner } from './banner.ts'
import type { Compose } from './composition.ts'
import type { OpenDemo } from './demo.ts'
import type { Serve } from './listener.ts'
import { printError } from './print.ts'
import type { RunningService } from './start.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'

type Signal = keyof typeof SIGNAL_EXIT

/** Runs the service until a signal ends it. Ends the process. */
export const run = async (serve: Serve, compose: Compose, openDemo?: OpenDemo): Promise<never> => {
  const beganAt = Date.now()
  const signalled = watchSignals()
  let running: RunningService | null = null
  process.on('unhandledRejection', (reason) => {
    // A promise was forgotten. That ends a start, but not a service that answers requests.
    if (running === null) exitWith(faultRefusal(reason))
    else running.composition.log('error', 'process.unhandled-rejection', {}, reason)
  })
  try {
    const started = await start(serve, compose, openDemo)
    if (!started.ok) return exitWith(started.refusal)
    running = started.value
    announce(running, Date.now() - beganAt)
    writeBanner(running.config, running.demo)
    return process.exit(await stop(running, await signalled))
  } catch (fault) {
    return exitWith(faultRefusal(fault))
  }
}

/** Resolves with the first signal; the second ends the process at once. */
const watchSignals = (): Promise<Signal> =>
  new Promise((resolve) => {
    let isStopping = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (isStopping) process.exit(SIGNAL_EXIT[signal])
        isStopping = true
        resolve(signal)
      })
  })

const announce = (
  { config, installation, composition, demo }: RunningService,
  milliseconds: number,
): void => {
  const { log } = composition
  if (installation.generatedKeys) log('warn', 'keys.generated', { directory: config.dataDirectory })
  if (isToldByBanner(config)) return
  const parts = embeddedParts(config)
  if (parts.length > 0)
    log('warn', 'service.embedded-parts', {
      parts: parts.join(', '),
      meaning:
        'for development only: the database survives a crash but not a power cut; what is in memory is lost on restart',
    })
  if (demo !== null)
    log('warn', 'service.demo', {
      page: demo.pageUrl,
      fakeProviders: demo.hasFakeProviders,
      meaning: 'for development only: anybody can sign in as anybody at a fake provider',
    })
  if (config.mode === 'production')
    for (const { service, variable } of config.plaintextServers)
      log('warn', 'service.plaintext', {
        service,
        variable,
        meaning: `the connection has no TLS and leaves this machine: whoever is on that network can read and change it; use TLS, or add ${service} to ALLOW_PLAINTEXT if the network is private`,
      })
  for (const { variable, parameter } of config.ignoredParameters)
    log('warn', 'service.ignored-parameter', {
      variable,
      parameter,
      meaning: 'this parameter of the address has no effect in this service',
    })
  log('info', 'service.started', {
    version: VERSION,
    address: `http://${shownHost(config.listener.host, config.listener.port)}`,
    managementAddress: `http://${shownHost(config.management.host, config.management.port)}`,
    milliseconds,
  })
}

const exitWith = ({ exitCode, lines }: Refusal): never => {
  printError(...lines)
  return process.exit(exitCode)
}

const faultRefusal = (fault: unknown): Refusal => ({
  exitCode: EXIT.fault,
  lines: [`The service failed: ${faultLine(fault)}`],
})
