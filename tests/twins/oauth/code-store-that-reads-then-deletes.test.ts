import { expect, test } from 'bun:test'
import { makeInProcessCodeStore } from '../../../src/adapters/memory/in-process-code-store.ts'
import type { CodeStore, Grant } from '../../../src/ports/driven/oauth/code-store.ts'
import { givenSessionId } from '../../support/builders/sessions/given-sessions.ts'

/** Reads the code first and deletes it afterwards, as two commands to a store would. */
const twin = (codes: CodeStore<Grant>): CodeStore<Grant> => {
  const kept = new Map<string, { readonly grant: Grant; readonly state: string }>()
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

/** The question of the contract for code stores: how many of 200 exchanges at once receive the grant? */
const winners = async (codes: CodeStore<Grant>): Promise<number> => {
  const code = await codes.generateCode({ sessionId: givenSessionId(1) }, 'state')
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => codes.exchangeCode(code, 'state')),
  )
  return answers.filter((grant) => grant !== null).length
}

test('a code store that reads and then deletes lets several exchanges of one code through', async () => {
  expect(await winners(makeInProcessCodeStore())).toBe(1)
  expect(await winners(twin(makeInProcessCodeStore()))).toBeGreaterThan(1)
})
