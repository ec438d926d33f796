import type { Response } from 'k6/http'
import http from 'k6/http'
import { ADDRESSES, PASSWORD } from './settings.ts'
import { abort } from './trace.ts'

export type Person = {
  readonly access: string
  readonly refresh: string
  readonly username: string
}

// None of these letters looks like another one, since names that look alike are refused.
const LETTERS = 'acdeghkpty'
const run = Date.now()

/** A name that nobody has: `who` is another one for each account of a run. */
export const nameOf = (who: string): string =>
  [...`${run}${who}`]
    .map((digit) => LETTERS[Number(digit)] ?? 'a')
    .join('')
    .slice(-30)

export const registration = (username: string): string =>
  JSON.stringify({ email: `${username}@load.example`, username, password: PASSWORD })

export const PASSWORD_BODY = { password: PASSWORD } as const

export const JSON_BODY = { 'content-type': 'application/json' } as const

const AT_ONCE = 8

/** Accounts for the suite, made before its load. */
export const registerPeople = (count: number): Person[] => {
  const people: Person[] = []
  while (people.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - people.length) }, (_, index) => {
      const body = registration(nameOf(String(people.length + index).padStart(7, '0')))
      return ['POST', `${ADDRESSES[0]}/v1/auth/register`, body, { headers: JSON_BODY }] as const
    })
    for (const answer of http.batch(some.map((request) => [...request])))
      people.push(personOf(answer))
  }
  return people
}

/** Somebody who has just registered or signed in. */
export const personOf = (answer: Response): Person => {
  if (answer.status !== 201 && answer.status !== 200)
    abort(
      `registering or signing in was answered ${answer.status}. Everybody comes from one address here: the service needs a ` +
        'limits (RATE_LIMIT_…) for that.',
    )
  const { tokens, user } = answer.json() as Answer
  return { access: tokens.accessToken, refresh: tokens.refreshToken, username: user.username }
}

type Answer = {
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string }
  readonly user: { readonly username: string }
}

/** The one at this place of the list; there is always one. */
export const inTurn = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length]
  return found === undefined ? abort('nobody to send as') : found
}

export const address = (index: number): string => inTurn(ADDRESSES, index)
