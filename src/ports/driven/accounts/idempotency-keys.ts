import type { UserId } from '../../../domain/shared/ids.ts'

/** HMACs only: neither the key nor the body can be read back. */
export type IdempotentRequest = { readonly keyMac: string; readonly bodyMac: string }

export type IdempotencyClaim =
  /** First of its kind: carry on, then enrol with it, or `release`. */
  { kind: 'claimed' } | { kind: 'running' } | { kind: 'completed'; bodyMac: string; userId: UserId }

/** Which requests have been seen. Entries live 24 hours; a claim that nobody enrolled with lapses after 60 s. */
export type IdempotencyKeys = {
  claim(request: IdempotentRequest, now: Date): Promise<IdempotencyClaim>
  /** Gives an uncompleted claim back, so that a corrected request may use the key. */
  release(request: IdempotentRequest): Promise<void>
}
