/** How a browser's return from a provider ended. */
export type ProviderReturn =
  | 'returned'
  | 'invalid-oauth-state'
  | 'invalid-id-token'
  | 'provider-failed'
  | 'provider-timeout'

/** What signing in through providers counts; docs/metrics.md has the names that operators see. */
export type OAuthMeasurements = {
  /** A browser came back from a provider. The provider is `unknown` when it is not configured. */
  providerReturn(provider: string, outcome: ProviderReturn): void
  /** One attempt to exchange a one-time code has ended. */
  codeExchange(result: 'signed-in' | 'linked' | 'refused' | 'limited'): void
}
