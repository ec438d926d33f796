/** `next` is published ahead of its use, `active` signs, `retired` only verifies. */
export const KEY_STATUSES = ['next', 'active', 'retired'] as const
export type KeyStatus = (typeof KEY_STATUSES)[number]

/** A signing key of access tokens, by what everybody may know of it. */
export type ListedKey = { readonly kid: string; readonly status: KeyStatus }
