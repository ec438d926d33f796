import { describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tracesIn } from '../../scripts/checks/check-traces.ts'
import { replaceBetween, stalePaths } from '../../scripts/documents/generate-documents.ts'
import { codeLines, measure, percentage, readLcov } from '../../scripts/tests/coverage.ts'
import { chooseLevels } from '../../scripts/tests/test-levels.ts'
import { countTests, failuresIn, total, verdict } from '../../scripts/tests/test-summary.ts'
import { eventually } from '../support/processes/timing/eventually.ts'

const summary = (...counts: string[]) =>
  `(pass) a fact [0.1ms]\n\n${counts.map((count) => ` ${count}\n`).join('')}Ran 9 tests across 2 files. [7.00ms]\n`

describe('a test run', () => {
  test.each([
    ['passed completely', summary('5 pass', '0 fail'), 0, { passed: 5, failed: 0 }],
    ['has failures', summary('5 pass', '2 fail', '1 error'), 1, { passed: 5, failed: 2 }],
    ['skips', summary('5 pass', '1 skip', '1 todo', '0 fail'), 0, { passed: 5, failed: 2 }],
    [
      'ends with an error and no failed test',
      summary('5 pass', '0 fail'),
      1,
      { passed: 5, failed: 1 },
    ],
    ['is killed', summary('5 pass', '0 fail'), null, { passed: 5, failed: 1 }],
    ['stops before its summary', '(pass) a fact [0.1ms]\n', 0, { passed: 0, failed: 1 }],
    ['has nothing to run', summary('0 pass', '0 fail'), 0, { passed: 0, failed: 1 }],
    ['prints nothing', '', 0, { passed: 0, failed: 1 }],
    ['prints more after its summary', `${summary('5 pass')}\nmore\n`, 0, { passed: 0, failed: 1 }],
    ['is coloured', summary('\u001b[32m5 pass\u001b[0m', '0 fail'), 0, { passed: 5, failed: 0 }],
  ] as const)('that %s has its tests counted', (_what, output, code, count) => {
    expect(countTests(output, code)).toEqual(count)
  })

  test('ends with the sum of its levels', () => {
    const counts = [
      { passed: 3, failed: 0 },
      { passed: 4, failed: 2 },
    ]
    expect(verdict(total(counts))).toBe('7 passed, 2 failed')
  })

  test('shows each failure once, with its reason', () => {
    const output = [
      'tests/a.test.ts:',
      '(pass) a fact [0.1ms]',
      'error: expected 1',
      '      at a.test.ts:7',
      '\u001b[31m(fail)\u001b[0m a lie [0.2ms]',
      '(pass) another fact [0.1ms]',
      '',
      '1 tests failed:',
      '(fail) a lie [0.2ms]',
      '',
      summary('2 pass', '1 fail'),
    ]
    expect(failuresIn(output.join('\n'))).toEqual([
      'error: expected 1\n      at a.test.ts:7\n(fail) a lie [0.2ms]',
    ])
    expect(failuresIn(output.slice(0, 2).join('\n'))).toEqual([])
  })

  test('refuses a level that does not exist', () => {
    expect(() => chooseLevels(['unit', 'unti'])).toThrow('unti')
    expect(chooseLevels(['system', 'unit'])).toEqual(['unit', 'system'])
  })
})

describe('coverage', () => {
  const report = (...hits: string[]) => `TN:\nSF:src/a.ts\n${hits.join('\n')}\nend_of_record\n`

  test('counts a line that any level covered', () => {
    const hits = readLcov([report('DA:1,1', 'DA:2,0', 'DA:3,0'), report('DA:2,4', 'DA:3,0')])
    expect(measure('src/a.ts', '', hits)).toEqual({ path: 'src/a.ts', lines: 3, covered: 2 })
  })

  test('counts every line of a file that no test loads as uncovered', () => {
    const source = `import type { A } from './a.ts'\n// why\nexport type B = A\nexport const c = 1\nexport const d = (e: B) => {\n  return e\n}\n`
    const unloaded = measure('src/b.ts', source, readLcov([]))
    expect(unloaded).toEqual({ path: 'src/b.ts', lines: 3, covered: 0 })
    expect(percentage([unloaded, { path: 'src/a.ts', lines: 3, covered: 3 }])).toBe(50)
  })

  test('needs no tests for types', () => {
    expect(codeLines(`export type A = { readonly b: string }\nexport type C = A | null\n`)).toBe(0)
  })

  test('is 0 when there is no line, not 100', () => expect(percentage([])).toBe(0))
})

describe('documents', () => {
  test('are stale when they are missing, or differ from what would be generated', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'documents-'))
    await writeFile(join(folder, 'fresh.md'), 'same')
    await writeFile(join(folder, 'stale.md'), 'old')
    const documents = ['fresh', 'stale', 'missing'].map((name) => ({
      path: `${name}.md`,
      render: async () => 'same',
    }))
    expect(await stalePaths(documents, folder)).toEqual(['stale.md', 'missing.md'])
    await rm(folder, { recursive: true })
  })

  test('can be generated in part', () => {
    const text = 'a\n<!-- table -->\nold\n<!-- /table -->\nz\n'
    expect(replaceBetween(text, 'table', 'new')).toBe(
      'a\n<!-- table -->\nnew\n<!-- /table -->\nz\n',
    )
    expect(() => replaceBetween(text, 'other', 'new')).toThrow('other')
  })
})

describe('waiting with eventually', () => {
  test('does not count the time while the machine was suspended', async () => {
    let asked = 0
    const answered = await eventually('the second answer', 0.2, () => {
      asked += 1
      if (asked > 1) return asked
      Bun.sleepSync(500)
      throw new Error('not yet')
    })
    expect(answered).toBe(2)
  })

  test('ends after its time limit with the last fault', async () => {
    const waiting = eventually('an answer', 0.1, () => {
      throw new Error('not yet')
    })
    await expect(waiting).rejects.toMatchObject({
      message: 'an answer: not within 0.1 s',
      cause: { message: 'not yet' },
    })
  })
})

describe('traces of a machine', () => {
  const at = (...parts: string[]) => parts.join('/')

  test.each([
    ['a home', 'README.md', `see ${at('', 'home', 'jane', 'notes')}`],
    ['a temporary file', 'src/a.ts', `open('${at('', 'tmp', 'socket')}')`],
    ['a registry', 'docs/a.md', `from ${['registry', 'example', 'org'].join('.')} only`],
    [
      'an address in the lock file',
      'bun.lock',
      `"${at('https:', '', 'packages.example', 'a.tgz')}"`,
    ],
  ])('are found: %s', (_what, path, text) => {
    expect(tracesIn(path, text)).toHaveLength(1)
  })

  test.each([
    ['README.md', 'GET https://example.com/home/page'],
    ['docs/nats.md', 'https://docs.nats.io/running'],
    ['src/a.ts', `route('/v1/users/me')`],
    ['Dockerfile', 'WORKDIR /app'],
  ])('are not found in %s: %s', (path, text) => expect(tracesIn(path, text)).toEqual([]))
})
