/** What the use cases of accounts count; docs/metrics.md has the names that operators see. */
export type AccountMeasurements = {
  /** One attempt to register has ended. */
  registration(result: 'ok' | 'refused' | 'limited'): void
}
