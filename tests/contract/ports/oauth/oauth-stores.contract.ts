import { describe, expect, test } from 'bun:test'
import type { Email } from '../../../../src/domain/accounts/email.ts'
import type { ProviderId, ProviderSubject } from '../../../../src/domain/oauth/provider.ts'
import type {
  LinkTicket,
  SignInGrant,
  SignInTransaction,
} from '../../../../src/domain/oauth/sign-in-grant.ts'
import type { OAuthStores } from '../../../../src/ports/driven/oauth/one-time-store.ts'
import { givenUserId } from '../../../support/builders/events/given-events.ts'
import { givenSessionId } from '../../../support/builders/sessions/given-sessions.ts'

const PROVIDER = 'google' as ProviderId
const SUBJECT = '117' as ProviderSubject
const EMAIL = 'john@example.com' as Email
const LINK = { userId: givenUserId(1), sessionId: givenSessionId(2), revocations: 3 }
const REQUEST = { redirectUri: 'https://app.example.com/cb', state: 'a', codeChallenge: 'c' }

const begun = {
  sessionId: givenSessionId(1),
  userId: givenUserId(1),
  revocations: 3,
  provider: PROVIDER,
}
const signIn = { ...begun, kind: 'sign-in', created: false, joins: null } as const
const link = { ...begun, kind: 'link', askedBy: givenSessionId(2) } as const

const GRANTS: readonly (readonly [string, SignInGrant])[] = [
  ['a sign-in', signIn],
  ['a sign-in of a new user', { ...signIn, created: true }],
  ['a sign-in that joins', { ...signIn, joins: { subject: SUBJECT, email: EMAIL, version: 4 } }],
  [
    'a sign-in that joins without an address',
    { ...signIn, joins: { subject: SUBJECT, email: null, version: 4 } },
  ],
  ['a link', { ...link, identity: { subject: SUBJECT, email: EMAIL } }],
  ['a link without an address', { ...link, identity: { subject: SUBJECT, email: null } }],
]

const transaction: SignInTransaction = {
  ...REQUEST,
  provider: PROVIDER,
  verifier: 'v',
  nonce: 'n',
  browser: 'b',
  link: null,
}
const ticket: LinkTicket = { ...REQUEST, provider: PROVIDER, link: LINK }

/** Every shape that a sign-in through a provider keeps is read back as it was. */
export const oauthStoresContract = (name: string, open: () => Promise<OAuthStores> | OAuthStores) =>
  describe(`what a sign-in through a provider keeps in ${name}`, () => {
    test.each(GRANTS)('is the grant of %s', async (_, grant) => {
      const { codes } = await open()
      expect(await codes.exchangeCode(await codes.generateCode(grant, 'a'), 'a')).toEqual(grant)
    })

    test.each([
      ['a sign-in', transaction],
      ['a link', { ...transaction, link: LINK }],
    ])('is the transaction of %s', async (_, kept) => {
      const { transactions } = await open()
      expect(await transactions.take(await transactions.keep(kept))).toEqual(kept)
    })

    test('is the ticket of a link', async () => {
      const { tickets } = await open()
      expect(await tickets.take(await tickets.keep(ticket))).toEqual(ticket)
    })

    test('is not mistaken for another kind of thing', async () => {
      const { tickets, transactions, codes } = await open()
      const [key, other] = [await tickets.keep(ticket), await transactions.keep(transaction)]
      expect(await transactions.take(key)).toBeNull()
      expect(await tickets.take(other)).toBeNull()
      expect(await codes.exchangeCode(key, 'a')).toBeNull()
    })
  })
