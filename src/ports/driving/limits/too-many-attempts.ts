/** A budget is used up. The next attempt can pass after this many whole seconds, at least 1. */
export type TooManyAttempts = {
  readonly kind: 'too-many-attempts'
  readonly retryAfterSeconds: number
}
