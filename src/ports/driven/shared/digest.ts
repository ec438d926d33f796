/** SHA-256 as base64url: the S256 of RFC 7636 §4.2, and a name for what has 256 random bits. */
export type Digest = (text: string) => string
