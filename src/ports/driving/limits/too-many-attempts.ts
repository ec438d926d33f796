/** A budget is used up; after so many whole seconds, at least 1, an attempt is counted again. */
export type TooManyAttempts = {
  readonly kind: 'too-many-attempts'
  readonly retryAfterSeconds: number
}
