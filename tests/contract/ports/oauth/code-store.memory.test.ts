import { describe, expect, test } from 'bun:test'
import { makeInProcessCodeStore } from '../../../../src/adapters/memory/in-process-code-store.ts'
import { givenSessionId } from '../../../support/builders/sessions/given-sessions.ts'
import type { TestGrant } from './code-store.contract.ts'
import { codeStoreContract } from './code-store.contract.ts'

const open = () => {
  let elapsed = 0
  const codes = makeInProcessCodeStore<TestGrant>(() => elapsed)
  const passSeconds = (seconds: number) => {
    elapsed += seconds * 1000
  }
  return { codes, passSeconds }
}

codeStoreContract('memory', open)

describe('sweeping codes in memory', () => {
  test('removes what has expired and leaves the rest', async () => {
    const { codes, passSeconds } = open()
    const grant = { sessionId: givenSessionId(1), email: null }
    await codes.generateCode(grant, 'a')
    passSeconds(200)
    const young = await codes.generateCode(grant, 'b')
    expect(codes.sweep()).toBe(0)
    passSeconds(100)
    expect(codes.sweep()).toBe(1)
    expect(codes.sweep()).toBe(0)
    expect(await codes.exchangeCode(young, 'b')).toEqual(grant)
    passSeconds(3599)
    expect(codes.sweep()).toBe(0)
    passSeconds(1)
    expect(codes.sweep()).toBe(1)
  })
})
