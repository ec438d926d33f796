import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'

type Planted = { readonly path: string; readonly source: string; readonly rule: string | null }

let count = 0
const planted = (folder: string, source: string, rule: string | null): Planted => {
  count += 1
  return { path: `${folder}/planted-${count}.ts`, source, rule }
}
const uses = (expression: string): string => `export const planted = () => ${expression}\n`

const I_O = ['Bun.version', 'process.pid', "fetch('/')", 'crypto.randomUUID()', 'console.log(1)']
const CHANCE = ['Date.now()', 'Math.random()', 'new Date()', '[1].map(Math.random)']

/** `plugin` is the rule of scripts/checks/lint. */
const CAUGHT: readonly Planted[] = [
  ...I_O.map((code) => planted('src/domain', uses(code), 'lint/style/noRestrictedGlobals')),
  ...CHANCE.map((code) => planted('src/domain', uses(code), 'plugin')),
  ...CHANCE.map((code) => planted('src/application', uses(code), 'plugin')),
  ...['src/application', 'src/adapters/memory', 'src/main', 'packages/user-events/src'].map(
    (folder) => planted(folder, uses('Bun.version'), 'lint/style/noRestrictedGlobals'),
  ),
  planted('src/adapters/http', "import 'bun:sqlite'\n", 'lint/style/noRestrictedImports'),
  ...['src/adapters/http', 'src/adapters/cli', 'src/main/config', 'src/main/compose'].map(
    (folder) => planted(folder, uses('process.env'), 'lint/style/noProcessEnv'),
  ),
  planted('src/adapters/http', uses('console.log(1)'), 'lint/suspicious/noConsole'),
  planted(
    'src/adapters/http',
    "import '../../domain/planted-1'\n",
    'lint/correctness/useImportExtensions',
  ),
  planted('src/adapters/http', uses('[1][0]!'), 'lint/style/noNonNullAssertion'),
  planted('src/adapters/http', 'export type A = any\n', 'lint/suspicious/noExplicitAny'),
  planted('src/adapters/http', 'export default 1\n', 'lint/style/noDefaultExport'),
  {
    path: 'src/adapters/http/Planted.ts',
    source: uses('1'),
    rule: 'lint/style/useFilenamingConvention',
  },
]

const ALLOWED: readonly Planted[] = [
  planted('src/domain', uses('[new Date(5), Math.min(1, 2)]'), null),
  planted('src/adapters/clock', uses('new Date()'), null),
  { path: 'src/main/config/load-config.ts', source: uses('process.env'), rule: null },
  planted('src/adapters/cli', uses('console.log(1)'), null),
  planted('tests', uses('Bun.version'), null),
  { path: 'src/main/bun.ts', source: uses('Bun.version'), rule: null },
]

type Report = {
  readonly diagnostics: readonly {
    readonly category: string
    readonly location: { readonly path: string }
  }[]
}

describe('lint', () => {
  let garden: string
  let report: Report

  beforeAll(async () => {
    garden = await mkdtemp(join(tmpdir(), 'planted-'))
    for (const name of ['biome.json', '.gitignore', 'package.json', 'scripts/checks/lint'])
      await cp(join(ROOT, name), join(garden, name), { recursive: true })
    for (const { path, source } of [...CAUGHT, ...ALLOWED]) {
      await mkdir(dirname(join(garden, path)), { recursive: true })
      await writeFile(join(garden, path), source)
    }
    report = lint()
  })
  afterAll(() => rm(garden, { recursive: true }))

  const lint = (): Report => {
    const biome = join(ROOT, 'node_modules/.bin/biome')
    const { stdout } = Bun.spawnSync(
      [
        process.execPath,
        biome,
        'lint',
        '--reporter=json',
        '--max-diagnostics=none',
        'src',
        'packages',
        'tests',
      ],
      { cwd: garden, stderr: 'ignore' },
    )
    return JSON.parse(stdout.toString())
  }
  const rulesOn = (planted: Planted): string[] =>
    report.diagnostics
      .filter(({ location }) => location.path === planted.path)
      .map(({ category }) => category)

  test.each(CAUGHT.map((one) => [one.path, one.source.trim(), one] as const))(
    'refuses in %s: %s',
    (_path, _source, one) => expect(rulesOn(one)).toContain(String(one.rule)),
  )

  test.each(ALLOWED.map((one) => [one.path, one.source.trim(), one] as const))(
    'allows in %s: %s',
    (_path, _source, one) => expect(rulesOn(one)).toEqual([]),
  )
})
