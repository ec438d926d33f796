/**
 * The fault of something that is expected to work again: a full queue, a lost connection.
 * The only fault that clients are told apart from the rest, as 503 with Retry-After.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
  constructor(
    message: string,
    readonly retryAfterSeconds = 1,
    options?: { readonly cause: unknown },
  ) {
    super(message, options)
  }
}
