import type { User } from '../../../../src/domain/accounts/user.ts'
import type { Client } from '../../../../src/domain/sessions/session.ts'
import type { Result } from '../../../../src/domain/shared/result.ts'
import type { Registration } from '../../../../src/ports/driving/accounts/accounts.ts'
import type {
  SignedIn,
  Tokens,
  UserContext,
} from '../../../../src/ports/driving/sessions/sessions.ts'
import type { GivenUseCases } from '../service/given-use-cases.ts'
import { givenClient } from '../sessions/given-sessions.ts'
import { PASSWORD } from './given-users.ts'
import { updatedUser } from './stored-users.ts'

let people = 0

/** A client with an address that no other client in this process has. */
export const newClient = (): Client => {
  people += 1
  return givenClient(`198.${18 + (people >> 16)}.${(people >> 8) & 255}.${people & 255}/32`)
}

/** A registration with an email address and a username that no other test uses. */
export const newRegistration = (changes: Partial<Registration> = {}): Registration => {
  people += 1
  const name = `person${people}`
  return {
    email: `${name}@example.com`,
    username: name,
    password: PASSWORD,
    displayName: null,
    idempotencyKey: null,
    ...changes,
  }
}

export const granted = <T>(result: Result<T, { readonly kind: string }>): T => {
  if (!result.ok) throw new Error(`refused: ${result.refusal.kind}`)
  return result.value
}

export const refusalOf = <R>(result: Result<unknown, R>): R => {
  if (result.ok) throw new Error('not refused')
  return result.refusal
}

/** A user who has just signed in. */
export type Person = {
  readonly user: User
  readonly tokens: Tokens
  readonly caller: UserContext
  readonly client: Client
}

const personOf = async (
  service: GivenUseCases,
  { user, tokens }: SignedIn,
  client: Client,
): Promise<Person> => {
  const caller = await service.authenticate(tokens.accessToken)
  if (caller === null) throw new Error('a fresh token was not accepted')
  return { user, tokens, caller, client }
}

export const registered = async (
  service: GivenUseCases,
  changes: Partial<Registration> = {},
): Promise<Person> => {
  const client = newClient()
  const signedIn = granted(await service.registerUser(newRegistration(changes), client))
  return personOf(service, signedIn, client)
}

/** The same person on another device. */
export const signedInAgain = async (
  service: GivenUseCases,
  { user }: Person,
  client = newClient(),
): Promise<Person> =>
  personOf(service, granted(await service.signIn(user.username, PASSWORD, client)), client)

export const administrator = async (service: GivenUseCases): Promise<Person> => {
  const { email, username, password } = newRegistration()
  granted(await service.createAdmin({ email, username, password }))
  const client = newClient()
  return personOf(service, granted(await service.signIn(username, password, client)), client)
}

/** Changes an account as an administrator would. */
export const changed = async (
  service: GivenUseCases,
  { user }: Person,
  changes: Partial<Pick<User, 'role' | 'isActive'>>,
): Promise<User> => {
  const stored = await service.stores.users.find(user.id)
  if (stored === null) throw new Error('the user is gone')
  const after = await updatedUser(service, stored, changes)
  service.states.forgetUser(user.id)
  return after
}
