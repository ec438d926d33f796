import type { SIGNAL_EXIT } from '../../domain/operations/exit-codes.ts'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { Config } from '../config/config.ts'
import type { RunningService } from './start.ts'

/**
 * Stops in the order that loses nothing: not ready any more, wait for the load balancer, no new connections, finish the
 * requests, then the scheduler, the relay and the stores.
 * @returns the exit code: 1 when SHUTDOWN_SECONDS were not enough.
 */
export const stop = async (
  running: RunningService,
  signal: keyof typeof SIGNAL_EXIT,
): Promise<number> => {
  const { composition, config } = running
  const seconds = config.shutdownSeconds
  composition.log('info', 'service.stopping', { signal })
  const isDone = await isDoneWithin(seconds, stopInOrder(running))
  if (isDone) composition.log('info', 'service.stopped')
  else composition.log('error', 'service.stop-timeout', { seconds })
  return isDone ? EXIT.ok : EXIT.failed
}

const stopInOrder = async (running: RunningService): Promise<void> => {
  const { composition, config, installation, listeners, scheduler } = running
  composition.becomeUnready()
  await pause(drainSeconds(config))
  await Promise.all(listeners.map((listener) => listener.close()))
  await scheduler.stop()
  await composition.stop()
  await installation.release()
}

// Load balancers ask for readiness about every second. Outside production there is none to wait for.
const drainSeconds = ({ mode, shutdownSeconds }: Config): number =>
  mode === 'production' ? Math.min(5, shutdownSeconds / 4) : 0

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000))

const isDoneWithin = (seconds: number, work: Promise<void>): Promise<boolean> =>
  Promise.race([work.then(() => true), pause(seconds).then(() => false)])
