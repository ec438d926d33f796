type Kind =
  /** It answered what no provider should, or could not be reached. */
  | 'failed'
  | 'timeout'
  /** It answered properly, and no: a code that it does not know, say. */
  | 'refused'
  | 'invalid-id-token'
  | 'wrong-issuer'

/**
 * Why a provider's part went wrong. Neither message nor cause holds anything that the provider or a browser sent: the
 * errors of the packages carry whole answers, tokens included.
 */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault'
  constructor(
    readonly kind: Kind,
    message: string,
  ) {
    super(message)
  }

  /** Says something about the provider's health, not about one sign-in. */
  get isOutage(): boolean {
    return this.kind === 'failed' || this.kind === 'timeout'
  }
}

/** The commonest one. Of what caused it, its kind is told alone. */
export const failure = (message: string, because?: unknown): ProviderFault =>
  new ProviderFault('failed', because instanceof Error ? `${message}: ${because.name}` : message)
