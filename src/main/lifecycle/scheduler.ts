import type { ScheduledTask } from '../../ports/driven/operations/scheduled-task.ts'
import type { Log } from '../../ports/driven/shared/log.ts'

export type Scheduler = {
  /** Starts nothing more and waits for what runs. */
  stop(): Promise<void>
}

/** Calls a function once after some time. Returns a function that cancels the call. */
export type Timer = (milliseconds: number, call: () => void) => () => void

type Needs = { readonly log: Log; readonly timer: Timer; readonly random: () => number }

/**
 * Runs each task again and again, never twice at the same time. Its intervals vary by a tenth, so that several instances do
 * not run it at the same moment. A fault is logged, and the task runs again at its next turn.
 */
export const startScheduler = (tasks: readonly ScheduledTask[], needs: Needs): Scheduler => {
  const loops = tasks.map((task) => startLoop(task, needs))
  return {
    stop: async () => {
      await Promise.all(loops.map((loop) => loop.stop()))
    },
  }
}

const startLoop = (task: ScheduledTask, { log, timer, random }: Needs): Scheduler => {
  let running = Promise.resolve()
  let stopped = false
  let cancel = () => {}
  const scheduleNext = () => {
    cancel = timer(task.everySeconds * 1000 * (0.9 + random() * 0.2), () => {
      running = attempt(task, log).then(() => {
        if (!stopped) scheduleNext()
      })
    })
  }
  scheduleNext()
  return {
    stop: () => {
      stopped = true
      cancel()
      return running
    },
  }
}

const attempt = async (task: ScheduledTask, log: Log): Promise<void> => {
  try {
    await task.run()
  } catch (fault) {
    log('error', 'maintenance.fault', { task: task.name }, fault)
  }
}
