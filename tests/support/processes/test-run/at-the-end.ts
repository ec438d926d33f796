type Step = () => Promise<unknown>

const steps: Step[] = []

/** Has something undone when this process has finished its tests; what was begun last is undone first. */
export const atTheEnd = (step: Step): void => {
  steps.push(step)
}

/** Runs every step of the clean-up, even if some steps fail, and returns the faults. A second call meanwhile waits for the same run. */
export const endEverything = (): Promise<readonly unknown[]> => {
  ending ??= undoSteps().finally(() => {
    ending = null
  })
  return ending
}

let ending: Promise<readonly unknown[]> | null = null

/** True while everything is being undone: nothing new should begin. */
export const isEnding = (): boolean => ending !== null

const undoSteps = async (): Promise<readonly unknown[]> => {
  const faults: unknown[] = []
  for (let step = steps.pop(); step !== undefined; step = steps.pop())
    await step().catch((fault: unknown) => faults.push(fault))
  return faults
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const

/** Ctrl-C clears up as well. The listeners stay: packages that find none beside theirs end the process at once. */
export const endOnSignals = (last: () => void): void => {
  for (const [signal, code] of Object.entries(SIGNALS))
    process.on(signal, () => {
      void endEverything().then(() => {
        last()
        process.exit(code)
      })
    })
}
