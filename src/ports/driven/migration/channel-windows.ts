import type { LegWindow } from './latencies.ts'

/** What all instances went through lately, kept where each of them, and the command line, can read it. */
export type LegWindows = {
  /** Adds these, as of now, and forgets those of over an hour ago. */
  keep(windows: readonly LegWindow[]): Promise<void>
  /** Of the last so many seconds. */
  recent(seconds: number): Promise<readonly LegWindow[]>
}
