import type {
  LinkTicket,
  SignInGrant,
  SignInTransaction,
} from '../../../domain/oauth/sign-in-grant.ts'
import type { CodeStore } from './code-store.ts'

/**
 * Keeps things for a short time, each to be taken once. Neither the key nor the thing can be read from the store.
 * @throws Unavailable from each member, within 250 ms.
 */
export type OneTimeStore<T> = {
  /** Keeps a thing under a new key of 256 random bits, as base64url. */
  keep(thing: T): Promise<string>
  /** The thing, once: of many callers at the same time one receives it. Null when unknown, expired or taken. */
  take(key: string): Promise<T | null>
}

/** What a sign-in through a provider keeps between its requests. */
export type OAuthStores = {
  /** Ten minutes each (`TRANSACTION_SECONDS`). */
  readonly transactions: OneTimeStore<SignInTransaction>
  /** One minute each (`LINK_TICKET_SECONDS`). */
  readonly tickets: OneTimeStore<LinkTicket>
  readonly codes: CodeStore<SignInGrant>
}
