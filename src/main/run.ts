import process from 'node:process'
import { writeBanner } from './banner.ts'
import type { Compose } from './composition.ts'
import type { OpenDemo } from './demo.ts'
import { embeddedParts } from './embedded-parts.ts'
import type { Refusal } from './exit-codes.ts'
import { EXIT, SIGNAL_EXIT } from './exit-codes.ts'
import { describeFault, printError } from './print.ts'
import type { Serve } from './serve.ts'
import type { Running } from './start.ts'
import { start } from './start.ts'
import { stop } from './stop.ts'
import { VERSION } from './version.ts'

type Signal = keyof typeof SIGNAL_EXIT

/** Runs the service until a signal ends it. Ends the process. */
export const run = async (serve: Serve, compose: Compose, openDemo?: OpenDemo): Promise<never> => {
  const beganAt = Date.now()
  const signalled = watchSignals()
  let running: Running | null = null
  process.on('unhandledRejection', (reason) => {
    // Somebody forgot to wait for something. Once serving, that is no reason to let everybody down.
    if (running === null) exitWith(faultRefusal(reason))
    else running.composition.log('error', 'process.unhandled-rejection', {}, reason)
  })
  try {
    const started = await start(serve, compose, openDemo)
    if (!started.ok) return exitWith(started.refusal)
    running = started.value
    announce(running, Date.now() - beganAt)
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
  { config, foundation, composition, demo }: Running,
  milliseconds: number,
): void => {
  const { log } = composition
  if (foundation.madeKeys) log('warn', 'keys.generated', { directory: config.dataDirectory })
  const parts = embeddedParts(config)
  if (parts.length > 0)
    log('warn', 'service.embedded-parts', {
      parts: parts.join(', '),
      meaning: 'for development only: they survive a crash, not a power cut',
    })
  if (demo !== null)
    log('warn', 'service.demo', {
      page: demo.pageUrl,
      fakeProviders: demo.hasFakeProviders,
      meaning: 'for development only: at fake providers anybody is whoever they say',
    })
  log('info', 'service.started', {
    version: VERSION,
    address: `http://${config.listener.host}:${config.listener.port}`,
    managementAddress: `http://${config.management.host}:${config.management.port}`,
    milliseconds,
  })
  writeBanner(config, demo)
}

const exitWith = ({ exitCode, lines }: Refusal): never => {
  printError(...lines)
  return process.exit(exitCode)
}

const faultRefusal = (fault: unknown): Refusal => ({
  exitCode: EXIT.fault,
  lines: [`The service failed: ${describeFault(fault)}`],
})
