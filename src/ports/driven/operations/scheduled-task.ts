/** Work that the scheduler of each instance repeats. A fault is logged, and the task runs again at its next turn. */
export type ScheduledTask = {
  readonly name: string
  readonly everySeconds: number
  run(): Promise<void>
}
