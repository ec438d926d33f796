import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { securityCases } from '../../scripts/documents/security-cases.ts'
import {
  coverageProblems,
  idsInTitles,
  readCoverage,
} from '../../scripts/documents/security-cases-page.ts'
import { ROOT } from '../../scripts/repository.ts'

const floors = { elysia: '1.4.29', 'drizzle-orm': '0.45.2' }

describe('security cases', () => {
  test('have one id each', () => {
    const ids = securityCases.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThan(120)
  })

  test('that wait for nothing have a test, and no test names a case that does not exist', async () => {
    const problems = coverageProblems(securityCases, await readCoverage())
    expect(problems).toEqual({ uncovered: [], unknown: [] })
  })

  test('without a test, and tests without a case, would be noticed', () => {
    const cases = [
      { id: 'PW1', claim: '', needs: [] },
      { id: 'PW2', claim: '', needs: [] },
      { id: 'PW11', claim: '', needs: ['mail' as const] },
    ]
    const coverage = new Map([
      ['PW2', ['a.test.ts']],
      ['PW99', ['a.test.ts']],
    ])
    expect(coverageProblems(cases, coverage)).toEqual({ uncovered: ['PW1'], unknown: ['PW99'] })
  })

  test.each([
    [`te${''}st('a listed password is refused [PW3]', () => {})`, ['PW3']],
    [`te${''}st(\n  "two at once [PW3, JW13]", async () => {})`, ['PW3', 'JW13']],
    [`te${''}st.each(rows)${''}('of %s [EN1]', () => {})`, ['EN1']],
    [`te${''}st('it isn\\'t "quoted" [EN2] [EN3]', () => {})`, ['EN2', 'EN3']],
    [`te${''}st('of another family [RB1]', () => {})`, []],
    [`// a comment about [PW3]\nconst list = '[PW4]'`, []],
  ])('are found in titles only: %p', (source, ids) => {
    expect(idsInTitles(source)).toEqual(ids)
  })
})

describe('dependencies', () => {
  test.each(Object.entries(floors))(
    '%s is at least the version that fixed its last known vulnerability [CF7]',
    async (name, floor) => {
      const text = await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')
      const { version } = JSON.parse(text) as { version: string }
      expect(Bun.semver.order(version, floor)).toBeGreaterThanOrEqual(0)
    },
  )
})
