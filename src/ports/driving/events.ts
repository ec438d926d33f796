import type { Result } from '../../domain/result.ts'
import type { LedgerEntry } from '../driven/ledger.ts'

export type LedgerPage = { readonly entries: readonly LedgerEntry[]; readonly next: string | null }

/** Reads committed changes, oldest first, with what became of each delivery. */
export type ReadLedger = (query: {
  readonly after: string | null
  readonly userId: string | null
  readonly limit: number
}) => Promise<
  Result<LedgerPage, { readonly kind: 'invalid-cursor' } | { readonly kind: 'invalid-user-id' }>
>
