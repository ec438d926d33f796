import type {
  LinkTicket,
  SignInGrant,
  SignInTransaction,
} from '../../domain/oauth/sign-in-grant.ts'
import { LINK_TICKET_SECONDS, TRANSACTION_SECONDS } from '../../domain/oauth/sign-in-grant.ts'
import type { OAuthStores } from '../../ports/driven/oauth/one-time-store.ts'
import { makeInProcessCodeStore } from './in-process-code-store.ts'
import { makeInProcessOneTimeStore } from './in-process-one-time-store.ts'

export type InProcessOAuthStores = OAuthStores & {
  /** Removes what has expired. Call it every minute. */
  sweep(): void
}

/** The stores of a sign-in through a provider, in the memory of this process. */
export const makeInProcessOAuthStores = (): InProcessOAuthStores => {
  const transactions = makeInProcessOneTimeStore<SignInTransaction>(TRANSACTION_SECONDS)
  const tickets = makeInProcessOneTimeStore<LinkTicket>(LINK_TICKET_SECONDS)
  const codes = makeInProcessCodeStore<SignInGrant>()
  return {
    transactions,
    tickets,
    codes,
    sweep: () => {
      for (const store of [transactions, tickets, codes]) store.sweep()
    },
  }
}
