import type { Brand } from '../shared/ids.ts'

/** The id of an identity provider, like `google`. */
export type ProviderId = Brand<'ProviderId'>
/** The id that a provider gives a person. It never changes, and it means nothing at another provider. */
export type ProviderSubject = Brand<'ProviderSubject'>

/**
 * The provider did not do its part within 5 s: it answered wrongly or not at all, or it is not asked now because it failed
 * several times in a row.
 */
export type ProviderFailure =
  | { readonly kind: 'provider-failed' }
  | { readonly kind: 'provider-timeout' }

const PROVIDER_ID = /^[a-z][a-z0-9-]{0,31}$/
const SUBJECT = /^[\x21-\x7e]{1,255}$/

/** Null for anything but 1 to 32 lower-case letters, digits and hyphens that begin with a letter. */
export const parseProviderId = (text: string): ProviderId | null =>
  PROVIDER_ID.test(text) ? (text as ProviderId) : null

/** Null for anything but a text of 1 to 255 visible ASCII characters (OpenID Connect Core §2). */
export const parseProviderSubject = (value: unknown): ProviderSubject | null =>
  typeof value === 'string' && SUBJECT.test(value) ? (value as ProviderSubject) : null
