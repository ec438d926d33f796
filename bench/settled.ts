const PAUSE_MS = 100
const AT_MOST_MS = 30_000

/** Waits until nothing is owed, or until that has not changed for so long that it counts as lost. */
export const settled = async (owed: () => Promise<number>, silenceMs: number): Promise<void> => {
  const began = performance.now()
  let [before, changedAt] = [Number.NaN, began]
  for (;;) {
    const count = await owed()
    const now = performance.now()
    if (count !== before) [before, changedAt] = [count, now]
    if (count === 0 || now - changedAt > silenceMs || now - began > AT_MOST_MS) return
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
