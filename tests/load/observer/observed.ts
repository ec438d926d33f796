/** What the observer answers at `/observed?after=N`. */
export type Observed = {
  /** In milliseconds, of events whose request was sent under load: from the request, from the commit. */
  readonly samples: readonly (readonly [fromRequest: number, fromCommit: number])[]
  /** What to ask for the next time. */
  readonly next: number
  /** Requests between those that were seen whose event never came. */
  readonly lost: number
  readonly duplicate: number
  readonly outOfOrder: number
  /** Unix time in milliseconds; 0 for never. */
  readonly lastSeenAt: number
}
