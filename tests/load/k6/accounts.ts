import type { Response } from 'k6/http'
import http from 'k6/http'
import { ADDRESSES, PASSWORD } from './settings.ts'
import { abort } from './trace.ts'

/** A user who is signed in. */
export type Account = {
  readonly access: string
  readonly refresh: string
  readonly username: string
}

// No two of these letters look alike, because the service refuses a username that looks like a taken one.
const LETTERS = 'acdeghkpty'
const run = Date.now()

/** A username that is not taken. `digits` must differ for each account of a run. */
export const usernameFrom = (digits: string): string =>
  [...`${run}${digits}`]
    .map((digit) => LETTERS[Number(digit)] ?? 'a')
    .join('')
    .slice(-30)

/** The body of a registration. */
export const registration = (username: string): string =>
  JSON.stringify({ email: `${username}@load.example`, username, password: PASSWORD })

export const PASSWORD_BODY = { password: PASSWORD } as const

export const JSON_BODY = { 'content-type': 'application/json' } as const

const IN_PARALLEL = 8

/** Registers accounts before the load of a suite. */
export const registerAccounts = (count: number): Account[] => {
  const accounts: Account[] = []
  while (accounts.length < count) {
    const requests = Array.from(
      { length: Math.min(IN_PARALLEL, count - accounts.length) },
      (_, index) => {
        const body = registration(usernameFrom(String(accounts.length + index).padStart(7, '0')))
        return ['POST', `${ADDRESSES[0]}/v1/auth/register`, body, { headers: JSON_BODY }] as const
      },
    )
    for (const answer of http.batch(requests.map((request) => [...request])))
      accounts.push(accountFrom(answer))
  }
  return accounts
}

/** The account in the answer of a registration or a sign-in. Stops the run when it was refused. */
export const accountFrom = (answer: Response): Account => {
  if (answer.status !== 201 && answer.status !== 200)
    abort(
      `registering or signing in was answered ${answer.status}. All requests come from one IP address, so raise the rate ` +
        'limits of the service (RATE_LIMIT_…).',
    )
  const { tokens, user } = answer.json() as Answer
  return { access: tokens.accessToken, refresh: tokens.refreshToken, username: user.username }
}

type Answer = {
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string }
  readonly user: { readonly username: string }
}

/** The items of a list in turn. Stops the run when the list is empty. */
export const inTurn = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length]
  return found === undefined ? abort('there is no account or address to use') : found
}

/** The address of the instance whose turn it is. */
export const address = (index: number): string => inTurn(ADDRESSES, index)
