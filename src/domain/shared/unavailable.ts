/**
 * A temporary fault, such as a full queue or a lost connection. Clients get 503 with Retry-After for it, and 500 for
 * every other fault.
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
