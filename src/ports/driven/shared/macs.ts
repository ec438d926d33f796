/** Keyed one-way names for what must not be stored in clear, one key for each purpose. */
export type Macs = {
  of(purpose: 'identifier' | 'idempotency-key' | 'idempotency-body', text: string): string
}
