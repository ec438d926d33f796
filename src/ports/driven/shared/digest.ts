/** SHA-256 of a text, as base64url: the S256 of RFC 7636 §4.2, and the stored form of secrets with 256 random bits. */
export type Digest = (text: string) => string

/** HMACs of texts that must not be stored in clear, with one key for each purpose. */
export type Macs = {
  of(purpose: 'identifier' | 'idempotency-key' | 'idempotency-body', text: string): string
}
