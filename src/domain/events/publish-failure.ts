export type PublishFailureKind =
  /** Certainly not stored, and may be stored later: not connected, no responders, stream full. */
  | 'retryable'
  /** Perhaps stored: timed out, aborted or disconnected after sending. Only the same message id may be sent again. */
  | 'ambiguous'
  /** Will never be stored as it is: too large, or refused. */
  | 'permanent'

/** Why a broker or a receiver did not confirm a message. */
export class PublishFailure extends Error {
  override readonly name = 'PublishFailure'
  constructor(
    readonly kind: PublishFailureKind,
    message: string,
    options?: { readonly cause: unknown },
  ) {
    super(message, options)
  }
}
