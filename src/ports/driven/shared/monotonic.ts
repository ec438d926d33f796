/** Milliseconds that only ever rise, whatever happens to the wall clock. */
export type Monotonic = () => number
