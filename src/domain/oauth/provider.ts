import type { Brand } from '../shared/ids.ts'

/** Who vouches for somebody who signs in without a password: `google`, say. */
export type ProviderId = Brand<'ProviderId'>
/** What a provider calls a person, for ever and for nobody else. It means nothing at another provider. */
export type ProviderSubject = Brand<'ProviderSubject'>

const PROVIDER_ID = /^[a-z][a-z0-9-]{0,31}$/
const SUBJECT = /^[\x21-\x7e]{1,255}$/

export const parseProviderId = (text: string): ProviderId | null =>
  PROVIDER_ID.test(text) ? (text as ProviderId) : null

/** Null for anything but 1 to 255 visible ASCII characters (OpenID Connect Core §2). A number is no subject. */
export const parseProviderSubject = (value: unknown): ProviderSubject | null =>
  typeof value === 'string' && SUBJECT.test(value) ? (value as ProviderSubject) : null
