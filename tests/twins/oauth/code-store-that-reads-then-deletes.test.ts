import { expect, test } from 'bun:test'
import { makeInProcessCodeStore } from '../../../src/adapters/memory/in-process-code-store.ts'
import type { CodeStore } from '../../../src/ports/driven/oauth/code-store.ts'
import type { TestGrant } from '../../contract/ports/oauth/code-store.contract.ts'
import { grantsAtOnce } from '../../contract/ports/oauth/code-store.contract.ts'

/** Reads the code first and deletes it afterwards, as two commands to a store would. */
const twin = (codes: CodeStore<TestGrant>): CodeStore<TestGrant> => {
  const kept = new Map<string, { readonly grant: TestGrant; readonly state: string }>()
  return {
    ...codes,
    generateCode: async (grant, state) => {
      const code = await codes.generateCode(grant, state)
      kept.set(code, { grant, state })
      return code
    },
    exchangeCode: async (code, state) => {
      const found = await Promise.resolve(kept.get(code))
      await Promise.resolve(kept.delete(code))
      return found?.state === state ? found.grant : null
    },
  }
}

test('a code store that reads and then deletes lets several exchanges of one code through', async () => {
  expect(await grantsAtOnce(makeInProcessCodeStore())).toHaveLength(1)
  expect((await grantsAtOnce(twin(makeInProcessCodeStore()))).length).toBeGreaterThan(1)
})
