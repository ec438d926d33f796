import type { ListedKey } from '../../../domain/sessions/signing-key.ts'

/** The signing keys that this service made itself and keeps in its data directory. */
export type OwnSigningKeys = {
  /** `rotatedAt`: when the active key last changed, RFC 3339; null before it ever did. */
  read(): Promise<{ readonly keys: readonly ListedKey[]; readonly rotatedAt: string | null }>
  /**
   * Moves every key one step on and publishes a fresh one as the next; without a next key the active one stays. The new
   * set is stored with `rotatedAt` and in use when this resolves.
   */
  rotate(rotatedAt: string | null): Promise<readonly ListedKey[]>
  /** Drops the retired keys. The new set is stored and in use when this resolves. */
  retire(): Promise<readonly ListedKey[]>
}
