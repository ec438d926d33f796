import { describe, expect, test } from 'bun:test'
import type { SessionId } from '../../../../src/domain/shared/ids.ts'
import type { CodeStore } from '../../../../src/ports/driven/oauth/code-store.ts'
import { givenSessionId } from '../../../support/builders/sessions/given-sessions.ts'

/** A grant with a text that must not be readable in a store. */
export type TestGrant = { readonly sessionId: SessionId; readonly email: string | null }

export type CodeStoreUnderTest = {
  readonly codes: CodeStore<TestGrant>
  /** Moves the store's clock forward, without waiting. */
  readonly passSeconds: (seconds: number) => Promise<void> | void
}

const GRANT: TestGrant = { sessionId: givenSessionId(1), email: 'john@example.com' }
const STATE = 'the state of the client'

/** What 200 exchanges of one code at once receive, all together. */
export const grantsAtOnce = async (
  codes: CodeStore<TestGrant>,
): Promise<readonly (TestGrant | null)[]> => {
  const code = await codes.generateCode(GRANT, STATE)
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => codes.exchangeCode(code, STATE)),
  )
  return answers.filter((grant) => grant !== null)
}

/** What every code store has to do. `open` makes an empty one. */
export const codeStoreContract = (
  name: string,
  open: () => Promise<CodeStoreUnderTest> | CodeStoreUnderTest,
) =>
  describe(`codes kept in ${name}`, () => {
    const given = async (grant = GRANT, state = STATE) => {
      const store = await open()
      return { ...store, code: await store.codes.generateCode(grant, state) }
    }

    test('a code is exchanged for its grant and no other', async () => {
      const { codes, code } = await given()
      const other = await codes.generateCode({ ...GRANT, email: null }, STATE)
      expect(await codes.exchangeCode(code, STATE)).toEqual(GRANT)
      expect(await codes.exchangeCode(other, STATE)).toEqual({ ...GRANT, email: null })
    })

    test('codes are 256 bits that never repeat', async () => {
      const { codes } = await open()
      const made = await Promise.all(
        Array.from({ length: 100 }, () => codes.generateCode(GRANT, STATE)),
      )
      expect(new Set(made).size).toBe(100)
      for (const code of made) expect(code).toMatch(/^[\w-]{43}$/)
    })

    test('a spent code receives nothing', async () => {
      const { codes, code } = await given()
      await codes.exchangeCode(code, STATE)
      expect(await codes.exchangeCode(code, STATE)).toBeNull()
      expect(await codes.exchangeCode(code, STATE)).toBeNull()
    })

    test('of 200 exchanges of one code at once exactly one receives the grant', async () => {
      expect(await grantsAtOnce((await open()).codes)).toEqual([GRANT])
    })

    test.each([
      ['another', 'another state'],
      ['an empty', ''],
      ['a shorter', STATE.slice(0, -1)],
      ['a longer', `${STATE} `],
      ['a broken', 'a\n\0 b'],
    ])('%s state spends the code', async (_, wrong) => {
      const { codes, code } = await given()
      expect(await codes.exchangeCode(code, wrong)).toBeNull()
      expect(await codes.exchangeCode(code, STATE)).toBeNull()
    })

    test('of wrong and right states at once at most one receives the grant', async () => {
      const { codes, code } = await given()
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          codes.exchangeCode(code, index % 2 === 0 ? 'wrong' : STATE),
        ),
      )
      expect(answers.filter((grant) => grant !== null).length).toBeLessThanOrEqual(1)
    })

    test.each(['', 'unknown', 'live x y z', '*', '\0', 'a'.repeat(10_000)])(
      'an unknown code receives nothing: %p',
      async (unknown) => {
        const { codes, code } = await given()
        expect(await codes.exchangeCode(unknown, STATE)).toBeNull()
        expect(await codes.replayOf(unknown)).toBeNull()
        expect(await codes.exchangeCode(code, STATE)).toEqual(GRANT)
      },
    )

    test('a code is good at 299 seconds and not at 301', async () => {
      const { codes, code, passSeconds } = await given()
      const late = await codes.generateCode(GRANT, STATE)
      await passSeconds(299)
      expect(await codes.exchangeCode(code, STATE)).toEqual(GRANT)
      await passSeconds(2)
      expect(await codes.exchangeCode(late, STATE)).toBeNull()
      expect(await codes.replayOf(late)).toBeNull()
    })

    test('a replay tells the session that the code began, and how long ago that was', async () => {
      const { codes, code, passSeconds } = await given()
      expect(await codes.replayOf(code)).toBeNull()
      await codes.exchangeCode(code, STATE)
      const { sessionId } = GRANT
      expect(await codes.replayOf(code)).toEqual({ sessionId, secondsSince: 0 })
      await passSeconds(11)
      await codes.exchangeCode(code, 'wrong')
      expect(await codes.replayOf(code)).toEqual({ sessionId, secondsSince: 11 })
    })

    test('a code that a wrong state has spent has no replay', async () => {
      const { codes, code } = await given()
      await codes.exchangeCode(code, 'wrong')
      await codes.exchangeCode(code, STATE)
      expect(await codes.replayOf(code)).toBeNull()
    })

    test('a spent code is remembered for an hour, longer than it would have lived', async () => {
      const { codes, code, passSeconds } = await given()
      await passSeconds(200)
      await codes.exchangeCode(code, STATE)
      await passSeconds(3599)
      expect((await codes.replayOf(code))?.secondsSince).toBe(3599)
      expect(await codes.exchangeCode(code, STATE)).toBeNull()
      await passSeconds(1)
      expect(await codes.replayOf(code)).toBeNull()
      expect(await codes.exchangeCode(code, STATE)).toBeNull()
    })
  })
