/**
 * Things that are kept for one taking, and not for long. Neither key nor thing can be read from the store.
 * @throws Unavailable from each member, within 250 ms.
 */
export type OneTime<T> = {
  /** Keeps it under a new key of 256 random bits, as base64url. */
  keep(thing: T): Promise<string>
  /** The thing, once: of many who take it at the same time one receives it. Null when unknown, expired or taken. */
  take(key: string): Promise<T | null>
}
