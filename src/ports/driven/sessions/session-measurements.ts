/** What the use cases of sessions count; docs/metrics.md has the names that operators see. */
export type SessionMeasurements = {
  /** One attempt to sign in with a password has ended. */
  signIn(result: 'ok' | 'refused' | 'limited'): void
  /** One attempt to refresh a session has ended. */
  refresh(result: 'rotated' | 'repeated' | 'reused' | 'refused' | 'limited'): void
}
