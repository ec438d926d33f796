import { describeSchemaRefusal } from '../../adapters/cli/operations/migrate.ts'
import type { Refusal } from '../../domain/operations/exit-codes.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Config } from '../config/config.ts'
import { databasePlace } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Environment } from '../config/setting.ts'
import { writePreparing } from './banner.ts'
import type { Compose, Composition } from './composition.ts'
import type { Demo, OpenDemo } from './demo.ts'
import type { Answer, OpenListener, Serve } from './listener.ts'
import { openListener } from './listener.ts'
import type { OpenInstallation } from './open-installation.ts'
import { openInstallation } from './open-installation.ts'
import type { Scheduler } from './scheduler.ts'
import { startScheduler } from './scheduler.ts'

/** A service that answers requests. */
export type RunningService = {
  readonly config: Config
  readonly installation: OpenInstallation
  readonly composition: Composition
  readonly scheduler: Scheduler
  readonly listeners: readonly OpenListener[]
  readonly demo: Demo | null
}

type Undo = () => Promise<unknown>

/**
 * Takes the data directory, opens the ports, then composes the service and migrates. Requests that come earlier wait until
 * this is done. After a refusal or a fault everything is closed again, except the ports: they close with the process.
 */
export const start = async (
  serve: Serve,
  compose: Compose,
  openDemo: OpenDemo = noDemo,
): Promise<Result<RunningService, Refusal>> => {
  const undo: Undo[] = []
  try {
    const started = await startStepByStep(serve, compose, openDemo, undo)
    if (!started.ok) await undoAll(undo)
    return started
  } catch (fault) {
    await undoAll(undo)
    throw fault
  }
}

const undoAll = async (steps: readonly Undo[]): Promise<void> => {
  for (const step of steps.toReversed()) await step()
}

const startStepByStep = async (
  serve: Serve,
  compose: Compose,
  openDemo: OpenDemo,
  undo: Undo[],
): Promise<Result<RunningService, Refusal>> => {
  const given = loadConfig()
  if (!given.ok) return given
  const opened = await openInstallation(given.value)
  if (!opened.ok) return opened
  const installation = opened.value
  undo.push(installation.release)

  const earlyRequests = holdEarlyRequests()
  const listeners = await openListeners(serve, given.value, earlyRequests)
  if (!listeners.ok) return listeners
  writePreparing(given.value)
  const [publicListener, managementListener] = listeners.value
  const ports: Environment = {
    PORT: String(publicListener.port),
    MANAGEMENT_PORT: String(managementListener.port),
  }
  const listening = withOverrides(given.value, ports)
  const demo = await openDemo(listening)
  const config =
    demo === null ? listening : withOverrides(listening, { ...ports, ...demo.settings })

  const composed = await compose({ ...installation.installation, config })
  if (!composed.ok) return composed
  const composition = composed.value
  undo.push(composition.stop)
  const migrated = await composition.migrate()
  if (!migrated.ok) return fail(describeSchemaRefusal(migrated.refusal, databasePlace(config)))
  await installation.announce(managementListener.port)
  earlyRequests.answerWith(composition)
  composition.becomeReady()
  const scheduler = startScheduler(composition.scheduledTasks, {
    ...REAL_TIME,
    log: composition.log,
  })
  return ok({ config, installation, composition, scheduler, listeners: listeners.value, demo })
}

const REAL_TIME = {
  random: Math.random,
  timer: (milliseconds: number, call: () => void) => {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
}

type EarlyRequests = {
  readonly answerPublic: Answer
  readonly answerManagement: Answer
  /** From here on the composition answers, also the requests that have waited. */
  answerWith(composition: Composition): void
}

/** Lets requests that come early wait until the service is composed. */
const holdEarlyRequests = (): EarlyRequests => {
  let resolveComposed: EarlyRequests['answerWith'] = () => {}
  let present: Composition | null = null
  const composed = new Promise<Composition>((resolve) => {
    resolveComposed = resolve
  })
  return {
    answerWith: (composition) => {
      present = composition
      resolveComposed(composition)
    },
    answerPublic: async (request, peer) =>
      (present ?? (await composed)).publicApi.fetch(request, peer),
    answerManagement: async (request, peer) =>
      (present ?? (await composed)).managementApi.fetch(request, peer),
  }
}

const openListeners = async (
  serve: Serve,
  { listener, management }: Config,
  { answerPublic, answerManagement }: EarlyRequests,
): Promise<Result<readonly [OpenListener, OpenListener], Refusal>> => {
  const publicListener = await openListener(serve, listener, 'PORT', answerPublic)
  if (!publicListener.ok) return publicListener
  const managementListener = await openListener(
    serve,
    management,
    'MANAGEMENT_PORT',
    answerManagement,
  )
  if (!managementListener.ok) return managementListener
  return ok([publicListener.value, managementListener.value])
}

/** The configuration with what is known by now, and with everything that follows from it. */
const withOverrides = (config: Config, overrides: Environment): Config => {
  const read = loadConfig(overrides)
  return read.ok ? read.value : config
}

const noDemo: OpenDemo = async () => null
