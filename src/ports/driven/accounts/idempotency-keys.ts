import type { UserId } from '../../../domain/shared/ids.ts'

/** HMACs only: neither the key nor the body can be read back. */
export type IdempotentRequest = { readonly keyMac: string; readonly bodyMac: string }

export type IdempotencyClaim =
  /** The key is new. Register with this request, or `release` it. */
  | { kind: 'claimed' }
  /** An earlier request with this key has not finished. */
  | { kind: 'running' }
  /** An earlier request with this key registered this user. */
  | { kind: 'completed'; bodyMac: string; userId: UserId }

/** Idempotency keys of registrations. A completed key is kept for 24 hours; an uncompleted claim expires after 60 s. */
export type IdempotencyKeys = {
  claim(request: IdempotentRequest, now: Date): Promise<IdempotencyClaim>
  /** Removes an uncompleted claim, so that a corrected request may use the key. */
  release(request: IdempotentRequest): Promise<void>
}
