import type { Endpoint } from './names.ts'

/** What happens to a call instead of its answer. */
export type Fault =
  /** The connection is closed without an answer. */
  | { readonly kind: 'closed' }
  /** No answer is ever sent. */
  | { readonly kind: 'silent' }
  /** The head of the answer and the first byte of its body are sent, and then nothing. */
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
  /** HS256 with the client's secret, which is right only for LINE's web sign-in. */
  | 'hs256-secret'
  /** HS256 with the text of the published public key (RFC 8725 §2.1). */
  | 'hs256-public-key'
  /** ES256 by a published key, which LINE does only for its SDK. */
  | 'es256'
  /** ES256 by a key that is not published. */
  | 'es256-unknown'

/** How a fake differs from the real provider. A value replaces the correct value of a field. Undefined removes the field. */
export type Misbehaviour = {
  readonly faults?: Readonly<Partial<Record<Endpoint, Fault>>>
  /** Parameters of the redirect back, such as `{ code: undefined, error: 'access_denied' }`. */
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
