import { createInterface } from 'node:readline'

const TICK_MS = 2

/**
 * The loop of a program that makes load of the open model: each change starts at its time, whether or not earlier changes
 * have ended. Each line of standard input is a duration in milliseconds. For this duration it starts `perSecond` changes a
 * second. When all have ended, it prints their number.
 */
export const serveChanges = async (
  perSecond: number,
  change: () => Promise<unknown>,
): Promise<void> => {
  for await (const line of createInterface({ input: process.stdin }))
    console.log(await changeFor(Number(line), perSecond, change))
}

/** Starts `perSecond` changes a second for so many milliseconds, and waits until all have ended. The number of changes. */
export const changeFor = async (
  milliseconds: number,
  perSecond: number,
  change: () => Promise<unknown>,
): Promise<number> => {
  const startedAt = performance.now()
  const started: Promise<unknown>[] = []
  const total = Math.round((milliseconds / 1000) * perSecond)
  while (started.length < total) {
    const elapsed = performance.now() - startedAt
    while (started.length < Math.min(total, (elapsed / 1000) * perSecond)) started.push(change())
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
  }
  return (await Promise.all(started)).length
}
