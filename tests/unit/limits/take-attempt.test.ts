import { describe, expect, test } from 'bun:test'
import * as attempts from '../../../src/application/limits/take-attempt.ts'
import type { BudgetName } from '../../../src/domain/limits/limits.ts'
import { DEFAULT_BUDGETS } from '../../../src/domain/limits/limits.ts'
import type { AddressPrefix } from '../../../src/domain/shared/address-prefix.ts'
import { keysByRequest, refusedAfter } from '../../support/builders/limits/shared-budgets.ts'

const requests = Object.keys(keysByRequest())

describe('the budgets of requests', () => {
  test('are all walked here', () => {
    const makers = Object.keys(attempts).filter((name) => name.endsWith('Budgets'))
    expect(makers).toHaveLength(requests.length)
    const used = Object.values(keysByRequest()).flatMap((keys) => keys.map(({ budget }) => budget))
    expect(new Set(used)).toEqual(new Set(Object.keys(DEFAULT_BUDGETS) as BudgetName[]))
  })

  test.each(requests)(
    'of %s can be used up without a refusal of any other [BF10]',
    async (spent) => {
      expect(await refusedAfter(spent)).toEqual([])
    },
  )

  test.each([':', ',', '|', '","', '\0'])(
    'of two texts are apart wherever the first one ends, also at %j [BF10]',
    (mark) => {
      const keyOf = (identifier: string, prefix: string) =>
        attempts.signInPairBudgets(identifier, prefix as AddressPrefix)
      expect(keyOf(`a${mark}b`, 'c')).not.toEqual(keyOf('a', `b${mark}c`))
    },
  )
})
