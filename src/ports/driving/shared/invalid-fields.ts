/** A field with a malformed value. `code` is part of the API contract. */
export type FieldProblem = {
  readonly field: 'email' | 'username' | 'displayName' | 'avatar' | 'password' | 'newPassword'
  readonly code: string
  /** The number of characters that the code speaks of: the fewest for `too-short`, the most for `too-long`. */
  readonly limit?: number
}

/** The refusal of a request with malformed fields. It lists all of them. */
export type InvalidFields = {
  readonly kind: 'invalid-request'
  readonly problems: readonly FieldProblem[]
}
