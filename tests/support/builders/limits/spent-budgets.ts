import type { Client } from '../../../../src/domain/sessions/session.ts'
import type { UserContext } from '../../../../src/ports/driving/sessions/sessions.ts'
import { PASSWORD } from '../accounts/given-users.ts'
import type { GivenUseCases } from '../service/given-use-cases.ts'
import { givenClient } from '../sessions/given-sessions.ts'

// What is left of a budget, as somebody finds out who uses it up. For the tests of the budgets and for their twins.

export const WRONG = 'not the right password'

/** `ok`, or why a sign-in is refused. */
export const kindOf = async (
  service: GivenUseCases,
  identifier: string,
  client: Client,
  password = WRONG,
): Promise<string> => {
  const outcome = await service.signIn(identifier, password, client)
  return outcome.ok ? 'ok' : outcome.refusal.kind
}

/** The hashes that guesses at many accounts cost which come from ten networks of an IPv6 site, sixty from each. */
export const hashesForSite = async (service: GivenUseCases, site: number): Promise<number> => {
  const before = service.passwords.verified()
  for (let network = 0; network < 10; network += 1)
    for (let guess = 0; guess < 60; guess += 1)
      await kindOf(
        service,
        `v6-${site}-${network}-${guess}`,
        givenClient(`2001:db8:${site.toString(16)}:${network}::/64`),
      )
  return service.passwords.verified() - before
}

/** The answers to the right password by both identifiers of an account, after five guesses by both from the same address. */
export const rightAfterGuesses = async (
  service: GivenUseCases,
  identifiers: readonly [string, string],
  client: Client,
): Promise<readonly string[]> => {
  const [one, other] = identifiers
  for (const identifier of [one, one, one, other, other]) await kindOf(service, identifier, client)
  return [
    await kindOf(service, one, client, PASSWORD),
    await kindOf(service, other, client, PASSWORD),
  ]
}

/** How many of seventy changes of a profile are allowed in one minute. */
export const changesInAMinute = async (
  service: GivenUseCases,
  caller: UserContext,
): Promise<number> => {
  let allowed = 0
  for (let time = 0; time < 70; time += 1) {
    const changed = await service.updateProfile(caller, { displayName: `Name ${time}` }, null)
    if (changed.ok) allowed += 1
  }
  return allowed
}

/** How many of forty sign-ins with the right password are let in within one minute, and what hashes they cost. */
export const signInsInAMinute = async (
  service: GivenUseCases,
  identifier: string,
  client: Client,
) => {
  const before = service.passwords.verified()
  const kinds: string[] = []
  for (let time = 0; time < 40; time += 1)
    kinds.push(await kindOf(service, identifier, client, PASSWORD))
  return {
    letIn: kinds.filter((kind) => kind === 'ok').length,
    hashes: service.passwords.verified() - before,
  }
}
