import type { Place } from './names.ts'

/** What happens to a call instead of its answer. */
export type Fault =
  /** The connection ends without a word. */
  | { readonly kind: 'closed' }
  /** Nothing ever comes. */
  | { readonly kind: 'silent' }
  /** The head of the answer and its first byte come, and then nothing. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'html' }
  | { readonly kind: 'cut-json' }
  /** 50 MB of valid JSON. */
  | { readonly kind: 'huge' }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }

/** Who signs an id_token, and how. */
export type Signature =
  /** As the real provider does. */
  | 'true'
  /** The algorithm and `kid` of the published key, but another key. */
  | 'another-key'
  | 'none'
  /** HS256 with the client's secret, which is right for LINE's web sign-in alone. */
  | 'hs256-secret'
  /** HS256 with the text of the published public key (RFC 8725 §2.1). */
  | 'hs256-public-key'
  /** ES256 by a key that is published; LINE does so for its SDK alone. */
  | 'es256'
  /** ES256 by a key that nobody knows. */
  | 'es256-unknown'

/** Where the fake departs from the truth. What stands here replaces a field; undefined leaves it out. */
export type Lie = {
  readonly faults?: Readonly<Partial<Record<Place, Fault>>>
  /** Parameters of the way back: `{ code: undefined, error: 'access_denied' }`. */
  readonly redirect?: Readonly<Record<string, string | undefined>>
  /** Fields of the answer of the token endpoint. */
  readonly token?: Readonly<Record<string, unknown>>
  /** Claims of the id_token. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Fields of the head of the id_token. */
  readonly header?: Readonly<Record<string, unknown>>
  readonly signature?: Signature
  /** Fields of the profile: Facebook's `me`, LINE's profile, Google's userinfo. */
  readonly profile?: Readonly<Record<string, unknown>>
}
