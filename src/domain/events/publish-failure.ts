export type PublishFailureKind =
  /** Certainly not stored, and may be stored later: not connected, no responders, stream full. */
  | 'retryable'
  /** May have been stored: timed out, aborted or disconnected after sending. Only the same id may be sent again. */
  | 'ambiguous'
  /** Will never be stored as it is: too large, refused. */
  | 'permanent'

/** Why a broker did not confirm a message. */
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
