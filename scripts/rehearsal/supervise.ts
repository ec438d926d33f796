import type { Timeline } from './timeline.ts'

/** A process of the rehearsal that is started again when it ends. */
export type Supervised<T> = {
  /** The process that runs now. */
  readonly current: () => T
  /** Until `resume`, the process is not started again. */
  pause(): void
  /** Starts the process and supervises it again. */
  resume(): Promise<void>
}

type Needs<T> = {
  readonly name: string
  readonly start: () => Promise<T>
  readonly isGone: (running: T) => Promise<boolean>
  readonly timeline: Timeline
}

const CHECK_INTERVAL_MS = 250

let isOver = false

/** From now on no process is started again. Called before everything is stopped. */
export const stopSupervising = (): void => {
  isOver = true
}

/** Starts a process, and starts it again whenever it is gone, like the supervisor of a real installation. */
export const supervise = async <T>({
  name,
  start,
  isGone,
  timeline,
}: Needs<T>): Promise<Supervised<T>> => {
  let running = await start()
  let isPaused = false
  let isBusy = false

  const restartIfGone = async (): Promise<void> => {
    if (isOver || isPaused || isBusy) return
    isBusy = true
    try {
      if (!(await isGone(running)) || isPaused || isOver) return
      timeline.mark(
        'surprise',
        `${name} ended, and the rehearsal did not end it; it is started again`,
      )
      running = await start()
      timeline.mark('surprise', `${name} runs again`)
    } catch (fault) {
      timeline.mark('surprise', `${name} does not start: ${String(fault).split('\n', 1)[0]}`)
    } finally {
      isBusy = false
    }
  }
  setInterval(() => void restartIfGone(), CHECK_INTERVAL_MS).unref()

  return {
    current: () => running,
    pause: () => {
      isPaused = true
    },
    resume: async () => {
      running = await start()
      isPaused = false
    },
  }
}
