import type { Avatar } from '../accounts/avatar.ts'
import type { DisplayName } from '../accounts/display-name.ts'
import type { Email } from '../accounts/email.ts'
import type { User } from '../accounts/user.ts'
import type { ProviderId, ProviderSubject } from './provider.ts'

/**
 * How much a provider's word about an address is worth. `verified`: the person has read mail there at some time.
 * `authoritative`: the provider gives out the addresses of that domain, so nobody else has this one now.
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

/** Who arrives: the owner of the identity, the owner of a proven address, somebody new, or somebody who has to link first. */
export type Arrival =
  | { readonly kind: 'known'; readonly user: User }
  | { readonly kind: 'joins'; readonly user: User }
  | { readonly kind: 'link-required' }
  | { readonly kind: 'new'; readonly email: Email | null; readonly emailVerified: boolean }

/** Those that an arrival could be: whom the identity belongs to, and whose address it names. */
export type Candidates = {
  readonly owner: User | null
  readonly namesake: User | null
  /** The namesake has another identity of the same provider. */
  readonly namesakeIsTaken: boolean
}

/**
 * Decides by the identity first. An address joins accounts only when both sides are beyond doubt; one that is merely
 * claimed is left out when taken, so that nobody learns that it is.
 */
export const arrivalOf = (
  { email, emailProof }: ExternalIdentity,
  { owner, namesake, namesakeIsTaken }: Candidates,
): Arrival => {
  if (owner !== null) return { kind: 'known', user: owner }
  if (email === null) return { kind: 'new', email: null, emailVerified: false }
  if (namesake === null)
    return { kind: 'new', email, emailVerified: emailProof === 'authoritative' }
  if (emailProof === 'none') return { kind: 'new', email: null, emailVerified: false }
  return emailProof === 'authoritative' && namesake.emailVerified && !namesakeIsTaken
    ? { kind: 'joins', user: namesake }
    : { kind: 'link-required' }
}

/** Without this identity nobody could sign in to the account any more. */
export const isLastWayIn = (identities: number, hasPassword: boolean): boolean =>
  !hasPassword && identities <= 1
