import { describe, expect, test } from 'bun:test'
import { makeLimiter } from '../../../src/adapters/limits/limiter.ts'
import { makeMonotonicBudgets } from '../../../src/adapters/memory/monotonic-limiter.ts'
import * as attempts from '../../../src/application/limits/take-attempt.ts'
import type { BudgetName } from '../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../src/domain/limits/limits.ts'
import type { AddressPrefix } from '../../../src/domain/shared/address-prefix.ts'
import type { SessionId, UserId } from '../../../src/domain/shared/ids.ts'
import type { LimitKey } from '../../../src/ports/driven/limits/limiter.ts'

const ID = '0190a1b2-0000-7000-8000-000000000001'
/** The same texts wherever a text is wanted, so that only the purpose can keep two keys apart. */
const TEXTS = [ID, `user:${ID}`, '203.0.113.7/32', JSON.stringify(['sign-in', ID])]

const keysOf = (text: string): Record<string, readonly LimitKey[]> => {
  const prefix = text as AddressPrefix
  const session = text as SessionId
  return {
    'a sign-in': attempts.signInPrefixBudgets(prefix),
    'a sign-in to an account from an address': attempts.signInPairBudgets(text, prefix),
    'a sign-in to an account': attempts.signInAccountBudgets(text, false),
    'a sign-in to any identifier of an account': attempts.wholeAccountBudgets(
      text as UserId,
      text,
      prefix,
      false,
    ),
    'a right password': attempts.signInSuccessBudgets(text, prefix),
    'a right password for an account': attempts.accountSuccessBudgets(text as UserId, prefix),
    'a right confirmation': attempts.confirmationSuccessBudgets(session),
    'a password confirmation': attempts.confirmationBudgets(session),
    'a registration': attempts.registrationBudgets(prefix),
    'a change of the profile': attempts.profileBudgets(text as UserId),
    'a change of the username': attempts.usernameBudgets(text as UserId),
    'an authorization': attempts.authorizationBudgets(prefix),
    'a code exchange': attempts.codeExchangeBudgets(prefix),
    'a refresh': attempts.refreshBudgets(session),
    'a forged refresh token': attempts.forgedRefreshBudgets(prefix),
  }
}

const purposes = Object.keys(keysOf(ID))
const pairs = purposes.flatMap((spent) =>
  purposes.filter((other) => other !== spent).map((other) => [spent, other] as const),
)

describe('the budgets of requests', () => {
  test('are all walked here', () => {
    expect(Object.keys(attempts).filter((name) => name.endsWith('Budgets'))).toHaveLength(
      purposes.length,
    )
    const used = Object.values(keysOf(ID)).flatMap((keys) => keys.map(({ budget }) => budget))
    expect(new Set(used)).toEqual(new Set(Object.keys(DEFAULT_BUDGETS) as BudgetName[]))
  })

  test.each(pairs)(
    'of %s leave %s as it was, when they are used up [BF10]',
    async (spent, other) => {
      for (const text of TEXTS)
        for (const otherText of TEXTS) {
          const limiter = makeLimiter({
            budgets: DEFAULT_BUDGETS,
            macKey: new Uint8Array(32),
            open: makeMonotonicBudgets(() => 0),
          })
          const usedUp = keysOf(text)[spent] ?? []
          for (const key of usedUp)
            for (let point = 0; point < DEFAULT_BUDGETS[key.budget].points; point += 1)
              await limiter.take([key])
          expect((await limiter.take(usedUp)).allowed).toBe(false)
          expect(await limiter.take(keysOf(otherText)[other] ?? [])).toEqual({ allowed: true })
        }
    },
  )
})
