import { SharedArray } from 'k6/data'
import type { Response } from 'k6/http'
import type { Account, Answer } from './registration.ts'
import { accountOf, refusal } from './registration.ts'
import { ADDRESSES } from './settings.ts'
import { abort } from './trace.ts'

/**
 * The users that `bun run test:load` registered for this run, from one index to before another. All virtual users share one
 * copy of them, while the data of `setup` is copied for each.
 */
export const registeredUsers = (from = 0, to?: number): readonly Account[] =>
  new SharedArray(`users from ${from}`, () => {
    const { USERS_FILE: file } = __ENV
    if (file === undefined || file === '')
      throw new Error('this suite needs users. Start it with: bun run test:load')
    const users: Account[] = JSON.parse(open(file))
    return users.slice(from, to)
  })

/** The account in the answer of a registration or a sign-in. Stops the run when it was refused. */
export const accountFrom = (answer: Response): Account => {
  if (answer.status !== 201 && answer.status !== 200) abort(refusal(answer.status))
  return accountOf(answer.json() as Answer)
}

/** The items of a list in turn. Stops the run when the list is empty. */
export const inTurn = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length]
  return found === undefined ? abort('there is no account or address to use') : found
}

/** The address of the instance whose turn it is. */
export const address = (index: number): string => inTurn(ADDRESSES, index)
