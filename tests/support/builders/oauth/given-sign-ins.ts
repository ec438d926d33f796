import { digest } from '../../../../src/adapters/crypto/macs.ts'
import { makeInProcessCodeStore } from '../../../../src/adapters/memory/in-process-code-store.ts'
import type { Database } from '../../../../src/adapters/postgres/driver/database.ts'
import type { ExternalIdentity } from '../../../../src/domain/oauth/external-identity.ts'
import type { ProviderId, ProviderSubject } from '../../../../src/domain/oauth/provider.ts'
import type { SignInGrant } from '../../../../src/domain/oauth/sign-in-grant.ts'
import type { AddressPrefix } from '../../../../src/domain/shared/address-prefix.ts'
import { ok } from '../../../../src/domain/shared/result.ts'
import type { CodeStore } from '../../../../src/ports/driven/oauth/code-store.ts'
import type { IdentityProvider } from '../../../../src/ports/driven/oauth/identity-provider.ts'
import type { Stores } from '../../../../src/ports/driven/transact.ts'
import type { UserContext } from '../../../../src/ports/driving/sessions/sessions.ts'
import { granted, registered } from '../accounts/registered-users.ts'
import { givenUseCases, UNLIMITED } from '../service/given-use-cases.ts'

export const GOOGLE = 'google' as ProviderId
export const CLIENT = { userAgent: null, addressPrefix: '192.0.2.1/32' as AddressPrefix }
const VERIFIER = 'v'.repeat(43)
const REQUEST = {
  redirectUri: 'https://app.example.com/in',
  state: 'client-state',
  codeChallenge: digest(VERIFIER),
}
const SHOWN = { ...REQUEST, codeVerifier: VERIFIER }

let subjects = 0

/** An external identity that no other test uses. */
export const newcomer = (over: Partial<ExternalIdentity> = {}): ExternalIdentity => {
  subjects += 1
  return {
    provider: GOOGLE,
    subject: `newcomer-${subjects}` as ProviderSubject,
    email: null,
    emailProof: 'none',
    displayName: null,
    avatar: null,
    ...over,
  }
}

/** A provider that answers with this person for every code. */
const providerOf = (person: ExternalIdentity): IdentityProvider => ({
  id: GOOGLE,
  name: 'Google',
  issuer: 'https://provider.example',
  authorizationUrl: async ({ state }) => ok(`https://provider.example/?state=${state}`),
  redeem: async () => ok(person),
})

/** All use cases with a provider in memory. A twin may replace the code store, and what reads the stores. */
export const givenSignIns = async (
  database: Database,
  person = newcomer(),
  twin: (codes: CodeStore<SignInGrant>) => CodeStore<SignInGrant> = (codes) => codes,
  reading: (stores: Stores) => Stores = (stores) => stores,
) => {
  let elapsed = 0
  const providers = new Map<string, IdentityProvider>([[GOOGLE, providerOf(person)]])
  const codes = twin(makeInProcessCodeStore<SignInGrant>(() => elapsed))
  const useCases = await givenUseCases(database, UNLIMITED, { providers, codes, reading })

  const start = async () => {
    const started = granted(await useCases.startOAuth(GOOGLE, REQUEST, CLIENT.addressPrefix))
    const state = new URL(started.location).searchParams.get('state')
    return { browser: started.browser, response: { state, code: 'c', issuer: null, error: null } }
  }
  const finish = async ({ response, browser }: Awaited<ReturnType<typeof start>>) => {
    const { location } = granted(await useCases.finishOAuth(GOOGLE, response, browser))
    return new URL(location).searchParams.get('code') ?? ''
  }
  const startLink = (caller: UserContext) =>
    useCases.startLink(caller, GOOGLE, REQUEST, CLIENT.addressPrefix)
  /** The key of a ticket with which the caller's browser begins a link. */
  const askForLink = async (caller: UserContext): Promise<string> =>
    granted(await startLink(caller))
      .authorizationUrl.split('/')
      .at(-1) ?? ''
  const continueLink = async (ticket: string) => {
    const { location, browser } = granted(await useCases.continueLink(ticket))
    const state = new URL(location).searchParams.get('state')
    return { browser, response: { state, code: 'c', issuer: null, error: null } }
  }
  return {
    useCases,
    providers,
    codes,
    start,
    finish,
    startLink,
    askForLink,
    continueLink,
    pass: (seconds: number) => {
      elapsed += seconds * 1000
      return useCases.pass(seconds)
    },
    reachCode: async (): Promise<string> => finish(await start()),
    /** A code that links the provider's person to the caller. */
    reachLinkCode: async (caller: UserContext): Promise<string> =>
      finish(await continueLink(await askForLink(caller))),
    exchange: (code: string, caller: UserContext | null = null) =>
      useCases.exchangeCode({ ...SHOWN, code }, caller, CLIENT),
  }
}

/**
 * Somebody with a linked identity, and sign-ins that are slow after they have found its owner: what was given to `meanwhile`
 * happens then, once. A twin may replace how the owner is read.
 */
export const givenSlowReading = async (
  database: Database,
  twin: (stores: Stores) => Stores = (stores) => stores,
) => {
  let planned: (() => Promise<unknown>) | null = null
  const signIns = await givenSignIns(database, newcomer(), undefined, (stores) =>
    twin({
      ...stores,
      users: {
        ...stores.users,
        find: async (id) => {
          const user = await stores.users.find(id)
          const work = planned
          planned = null
          await work?.()
          return user
        },
      },
    }),
  )
  const { caller } = await registered(signIns.useCases)
  granted(await signIns.exchange(await signIns.reachLinkCode(caller), caller))
  const meanwhile = (work: () => Promise<unknown>): void => {
    planned = work
  }
  return { signIns, caller, meanwhile }
}
