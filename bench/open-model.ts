import { createInterface } from 'node:readline'

const TICK_MS = 2

/**
 * Load of the open model: a change begins when its time has come, whatever became of those before. For each line, a number
 * of milliseconds, it begins so many a second for so long, and writes how many there were once all have ended.
 */
export const changeWhenAsked = async (
  perSecond: number,
  change: () => Promise<unknown>,
): Promise<void> => {
  for await (const line of createInterface({ input: process.stdin }))
    console.log(await changeFor(Number(line), perSecond, change))
}

/** One such round. */
export const changeFor = async (
  milliseconds: number,
  perSecond: number,
  change: () => Promise<unknown>,
): Promise<number> => {
  const began = performance.now()
  const due: Promise<unknown>[] = []
  const total = Math.round((milliseconds / 1000) * perSecond)
  while (due.length < total) {
    const elapsed = performance.now() - began
    while (due.length < Math.min(total, (elapsed / 1000) * perSecond)) due.push(change())
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  return (await Promise.all(due)).length
}
