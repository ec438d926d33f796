import { makeLimiter } from '../../../../src/adapters/limits/limiter.ts'
import { makeMonotonicBudgets } from '../../../../src/adapters/memory/monotonic-limiter.ts'
import * as attempts from '../../../../src/application/limits/take-attempt.ts'
import { DEFAULT_BUDGETS, siteBudget } from '../../../../src/domain/limits/limits.ts'
import type { AddressPrefix } from '../../../../src/domain/shared/address-prefix.ts'
import type { SessionId, UserId } from '../../../../src/domain/shared/ids.ts'
import type { Limiter, LimitKey } from '../../../../src/ports/driven/limits/limiter.ts'

const ID = '0190a1b2-0000-7000-8000-000000000001'
/** The same texts wherever a text is wanted, so that only the purpose can keep two keys apart. */
const TEXTS = [
  ID,
  `user:${ID}`,
  '203.0.113.7/32',
  '2001:db8:7:1::/64',
  JSON.stringify(['sign-in', ID]),
]

/** The keys of every kind of request, made from one text. */
export const keysByRequest = (text: string = ID): Record<string, readonly LimitKey[]> => {
  const prefix = text as AddressPrefix
  const session = text as SessionId
  const user = text as UserId
  return {
    'a sign-in': attempts.signInPrefixBudgets(prefix),
    'a sign-in to an account from an address': attempts.signInPairBudgets(text, prefix),
    'a sign-in to an account': attempts.signInAccountBudgets(text, false),
    'a sign-in to any identifier of an account': attempts.wholeAccountBudgets(
      user,
      text,
      prefix,
      false,
    ),
    'a right password': attempts.signInSuccessBudgets(text, prefix),
    'a right password for an account': attempts.accountSuccessBudgets(user, prefix),
    'a right confirmation': attempts.confirmationSuccessBudgets(session),
    'a password confirmation': attempts.confirmationBudgets(session),
    'a registration': attempts.registrationBudgets(prefix),
    'a change of the profile': attempts.profileBudgets(user),
    'a change of the username': attempts.usernameBudgets(user),
    'an authorization': attempts.authorizationBudgets(prefix),
    'a code exchange': attempts.codeExchangeBudgets(prefix),
    'a refresh': attempts.refreshBudgets(session),
    'a forged refresh token': attempts.forgedRefreshBudgets(prefix),
  }
}

const pointsOf = ({ budget, of }: LimitKey): number =>
  of === 'site' ? siteBudget(DEFAULT_BUDGETS[budget]).points : DEFAULT_BUDGETS[budget].points

const givenLimiter = (): Limiter =>
  makeLimiter({
    budgets: DEFAULT_BUDGETS,
    macKey: new Uint8Array(32),
    open: makeMonotonicBudgets(() => 0),
  })

/**
 * The requests that are refused after one kind of request has used up its own budgets.
 * @param change what a faulty limiter does with the keys.
 */
export const refusedAfter = async (
  spent: string,
  change: (key: LimitKey) => LimitKey = (key) => key,
): Promise<readonly string[]> => {
  const refused = new Set<string>()
  for (const text of TEXTS)
    for (const otherText of TEXTS)
      for (const [other, keys] of Object.entries(keysByRequest(otherText))) {
        if (other === spent) continue
        const limiter = givenLimiter()
        for (const key of keysByRequest(text)[spent] ?? [])
          for (let point = 0; point < pointsOf(key); point += 1) await limiter.take([change(key)])
        if (!(await limiter.take(keys.map(change))).allowed) refused.add(other)
      }
  return [...refused]
}
