import type { Journal } from './journal.ts'

/** A process of the rehearsal that anybody may kill. */
export type Kept<T> = {
  /** As it runs now. */
  readonly current: () => T
  /** Nobody starts it again until `resume`. */
  pause(): void
  resume(): Promise<void>
}

type Keep<T> = {
  readonly name: string
  readonly start: () => Promise<T>
  /** Resolves when it is gone. */
  readonly isGone: (running: T) => Promise<boolean>
  readonly journal: Journal
}

const LOOK_MILLISECONDS = 250

let isOver = false

/** From now on everything may end. */
export const keepNothing = (): void => {
  isOver = true
}

/** Starts something, and again whenever it is gone: like the supervisor of a real installation. */
export const keepAlive = async <T>({ name, start, isGone, journal }: Keep<T>): Promise<Kept<T>> => {
  let running = await start()
  let isPaused = false
  let isBusy = false

  const look = async (): Promise<void> => {
    if (isOver || isPaused || isBusy) return
    isBusy = true
    try {
      if (!(await isGone(running)) || isPaused || isOver) return
      journal.mark(
        'surprise',
        `${name} ended, and the rehearsal did not end it; it is started again`,
      )
      running = await start()
      journal.mark('surprise', `${name} runs again`)
    } catch (fault) {
      journal.mark('surprise', `${name} does not start: ${String(fault).split('\n', 1)[0]}`)
    } finally {
      isBusy = false
    }
  }
  setInterval(() => void look(), LOOK_MILLISECONDS).unref()

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
