import type { Avatar } from '../accounts/avatar.ts'
import type { DisplayName } from '../accounts/display-name.ts'
import type { Email } from '../accounts/email.ts'
import type { User } from '../accounts/user.ts'
import type { ProviderId, ProviderSubject } from './provider.ts'

/**
 * How far a provider's word about an email address can be trusted. `verified`: the person has read mail at the address
 * at some time. `authoritative`: the provider gives out the addresses of that domain, so nobody else has this one now.
 */
export type EmailProof = 'none' | 'verified' | 'authoritative'

/** What a provider says about the person who has just signed in there. */
export type ExternalIdentity = {
  readonly provider: ProviderId
  readonly subject: ProviderSubject
  readonly email: Email | null
  readonly emailProof: EmailProof
  readonly displayName: DisplayName | null
  readonly avatar: Avatar | null
}

/** Which account an external identity belongs to. */
export type IdentityMatch =
  /** The identity is linked to this user. */
  | { readonly kind: 'known'; readonly user: User }
  /** The identity is not linked, and its address proves that it belongs to this user. */
  | { readonly kind: 'joins'; readonly user: User }
  /** A user has the address, and the proof is not enough: that user has to sign in and link the identity first. */
  | { readonly kind: 'link-required' }
  /** No account matches: a new one is to be made, with this address or without one. */
  | { readonly kind: 'new'; readonly email: Email | null; readonly emailVerified: boolean }

/** The users that an external identity could belong to. */
export type IdentityCandidates = {
  /** The user whom the identity is linked to. */
  readonly owner: User | null
  /** The user who has the identity's email address. */
  readonly emailOwner: User | null
  /** Whether `emailOwner` has another identity of the same provider. */
  readonly emailOwnerHasAnother: boolean
}

/**
 * Decides by the linked identity first. An email address joins accounts only when it is proven on both sides. An address
 * without proof that somebody has already is left out, so that the answer does not tell whether it is taken.
 */
export const matchIdentity = (
  { email, emailProof }: ExternalIdentity,
  { owner, emailOwner, emailOwnerHasAnother }: IdentityCandidates,
): IdentityMatch => {
  if (owner !== null) return { kind: 'known', user: owner }
  if (email === null) return { kind: 'new', email: null, emailVerified: false }
  if (emailOwner === null)
    return { kind: 'new', email, emailVerified: emailProof === 'authoritative' }
  if (emailProof === 'none') return { kind: 'new', email: null, emailVerified: false }
  return emailProof === 'authoritative' && emailOwner.emailVerified && !emailOwnerHasAnother
    ? { kind: 'joins', user: emailOwner }
    : { kind: 'link-required' }
}

/** Whether the user could no longer sign in to the account without one of these identities. */
export const isLastSignInMethod = (identities: number, hasPassword: boolean): boolean =>
  !hasPassword && identities <= 1
