type Kind =
  /** The provider answered wrongly, or could not be reached. */
  | 'failed'
  | 'timeout'
  /** The provider refused properly, for example a code that it does not know. */
  | 'refused'
  | 'invalid-id-token'
  | 'wrong-issuer'

/**
 * Why a provider's part failed. Neither message nor cause contains anything that the provider or a browser sent, because the
 * errors of the packages carry whole answers with their tokens.
 */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault'
  constructor(
    readonly kind: Kind,
    message: string,
  ) {
    super(message)
  }

  /** Whether the fault says something about the provider's health, and not about one sign-in only. */
  get isOutage(): boolean {
    return this.kind === 'failed' || this.kind === 'timeout'
  }
}

/** A fault of the kind `failed`. Of its cause only the name of the error is kept. */
export const failure = (message: string, because?: unknown): ProviderFault =>
  new ProviderFault('failed', because instanceof Error ? `${message}: ${because.name}` : message)
