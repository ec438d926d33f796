import type { Result } from '../domain/shared/result.ts'
import { fail, ok } from '../domain/shared/result.ts'
import type { Compose, Composition } from './composition.ts'
import type { Environment } from './config/read-settings.ts'
import type { Config } from './config.ts'
import { loadConfig } from './configuration.ts'
import type { Demo, OpenDemo } from './demo.ts'
import { describeSchemaRefusal } from './describe-schema-refusal.ts'
import type { Refusal } from './exit-codes.ts'
import type { Foundation } from './lay-ground.ts'
import { layGround } from './lay-ground.ts'
import type { Scheduler } from './scheduler.ts'
import { startScheduler } from './scheduler.ts'
import type { Answer, Door, Serve } from './serve.ts'
import { openDoor } from './serve.ts'

/** A service that serves. */
export type Running = {
  readonly config: Config
  readonly foundation: Foundation
  readonly composition: Composition
  readonly scheduler: Scheduler
  readonly doors: readonly Door[]
  readonly demo: Demo | null
}

type Undo = () => Promise<unknown>

/**
 * Takes the data directory, then the ports, then builds and migrates. Requests that come before all stands wait for
 * it. After a refusal or a fault the stores and the data directory are closed; the ports close with the process.
 */
export const start = async (
  serve: Serve,
  compose: Compose,
  openDemo: OpenDemo = noDemo,
): Promise<Result<Running, Refusal>> => {
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
): Promise<Result<Running, Refusal>> => {
  const wanted = loadConfig()
  if (!wanted.ok) return wanted
  const laid = await layGround(wanted.value)
  if (!laid.ok) return laid
  const foundation = laid.value
  undo.push(foundation.release)
  const entrance = makeEntrance()
  const doors = await openDoors(serve, wanted.value, entrance)
  if (!doors.ok) return doors
  const ports = portsOf(doors.value)
  const listening = withFound(wanted.value, ports)
  const demo = await openDemo(listening)
  const config = demo === null ? listening : withFound(listening, { ...ports, ...demo.settings })
  const composed = await compose({ ...foundation.ground, config })
  if (!composed.ok) return composed
  const composition = composed.value
  undo.push(composition.stop)
  const migrated = await composition.migrate()
  if (!migrated.ok) return fail(describeSchemaRefusal(migrated.refusal, config))
  const [, management] = doors.value
  await foundation.announce(management.port)
  entrance.lead(composition)
  composition.becomeReady()
  const scheduler = startScheduler(composition.scheduledTasks, {
    ...REAL_TIME,
    log: composition.log,
  })
  return ok({ config, foundation, composition, scheduler, doors: doors.value, demo })
}

const REAL_TIME = {
  random: Math.random,
  timer: (milliseconds: number, call: () => void) => {
    const timer = setTimeout(call, milliseconds)
    return () => clearTimeout(timer)
  },
}

type Entrance = {
  readonly toPublic: Answer
  readonly toManagement: Answer
  lead(composition: Composition): void
}

/** Lets whoever comes early wait until there is somebody to answer. */
const makeEntrance = (): Entrance => {
  let admit: Entrance['lead'] = () => {}
  let present: Composition | null = null
  const standing = new Promise<Composition>((resolve) => {
    admit = resolve
  })
  return {
    lead: (composition) => {
      present = composition
      admit(composition)
    },
    toPublic: async (request, peer) => (present ?? (await standing)).publicApi.fetch(request, peer),
    toManagement: async (request, peer) =>
      (present ?? (await standing)).managementApi.fetch(request, peer),
  }
}

const openDoors = async (
  serve: Serve,
  config: Config,
  entrance: Entrance,
): Promise<Result<readonly [Door, Door], Refusal>> => {
  const front = await openDoor(serve, config.listener, 'PORT', entrance.toPublic)
  if (!front.ok) return front
  const back = await openDoor(serve, config.management, 'MANAGEMENT_PORT', entrance.toManagement)
  if (!back.ok) return back
  return ok([front.value, back.value])
}

const portsOf = ([front, back]: readonly [Door, Door]): Environment => ({
  PORT: String(front.port),
  MANAGEMENT_PORT: String(back.port),
})

/** The configuration with what has been found out by now, and with all that follows from it. */
const withFound = (config: Config, found: Environment): Config => {
  const read = loadConfig(found)
  return read.ok ? read.value : config
}

const noDemo: OpenDemo = async () => null
