import type { ListedKey } from '../../../domain/sessions/signing-key.ts'
import type { Result } from '../../../domain/shared/result.ts'

/** The service was given its keys by JWT_KEYS, so that it cannot change them. */
export type KeysNotKept = { readonly kind: 'keys-not-kept' }

/**
 * The next key signs from now on, and a fresh one is published as the next. Where no next key was published, that is all
 * that happens: a key that nobody has seen must not sign (`isRotated` is false).
 */
export type RotateSigningKeys = () => Promise<
  Result<{ readonly isRotated: boolean; readonly keys: readonly ListedKey[] }, KeysNotKept>
>

/** Drops the retired keys, once the last token that they signed has expired. `isChanged` is false when none is retired. */
export type RetireSigningKeys = () => Promise<
  Result<
    { readonly isChanged: boolean; readonly keys: readonly ListedKey[] },
    KeysNotKept | { readonly kind: 'tokens-still-valid'; readonly until: Date }
  >
>
