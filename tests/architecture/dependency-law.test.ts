import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise } from 'dependency-cruiser'
import law from '../../.dependency-cruiser.ts'
import { productionFiles, ROOT, typeScriptUnder } from '../../scripts/repository.ts'

// Every file is parsed, on however busy a machine.
setDefaultTimeout(60_000)

type Violation = { readonly rule: string; readonly from: string; readonly to: string }

const judge = async (root: string, folders: string[]) => {
  const { output } = await cruise(folders, {
    ...law.options,
    validate: true,
    ruleSet: { forbidden: law.forbidden },
    baseDir: root,
  })
  if (typeof output === 'string') throw new Error('a report instead of a result')
  const { modules, summary } = output
  const violations = summary.violations.map(
    ({ rule, from, to }): Violation => ({ rule: rule.name, from, to }),
  )
  return { sources: modules.map(({ source }) => source), violations }
}

describe('the dependency law', () => {
  test('sees every production file and finds nothing to forbid', async () => {
    const { sources, violations } = await judge(ROOT, ['src', 'packages'])
    expect(sources).toEqual(expect.arrayContaining(await productionFiles()))
    expect((await typeScriptUnder('src')).length).toBeGreaterThan(50)
    expect(violations).toEqual([])
  })
})

/** For each rule, files that break it and nothing but it; the first of them is the culprit. */
const PLANTED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'domain-knows-itself-only': {
    'src/domain/accounts/user.ts': `import type { Users } from '../../ports/driven/accounts/users.ts'\nexport type A = Users`,
    'src/ports/driven/accounts/users.ts': 'export type Users = {}',
  },
  'ports-know-the-domain': {
    'src/ports/driven/accounts/users.ts': `import type { Save } from '../../../application/save.ts'\nexport type A = Save`,
    'src/application/save.ts': 'export type Save = {}',
  },
  'application-knows-domain-and-ports': {
    'src/application/save.ts': `import { open } from '../adapters/postgres/open.ts'\nexport const save = open`,
    'src/adapters/postgres/open.ts': 'export const open = 1',
  },
  'adapters-know-domain-and-ports': {
    'src/adapters/http/route.ts': `import { save } from '../../application/save.ts'\nexport const route = save`,
    'src/application/save.ts': 'export const save = 1',
  },
  'adapters-never-meet': {
    'src/adapters/http/route.ts': `import type { Row } from '../postgres/row.ts'\nexport type A = Row`,
    'src/adapters/postgres/row.ts': 'export type Row = {}',
  },
  'nobody-imports-main': {
    'packages/other/src/start.ts': `import { config } from '../../../src/main/config/config.ts'\nexport const a = config`,
    'src/main/config/config.ts': 'export const config = 1',
  },
  'user-events-stands-alone': {
    'packages/user-events/src/codec.ts': `import type { User } from '../../../src/domain/accounts/user.ts'\nexport type A = User`,
    'src/domain/accounts/user.ts': 'export type User = {}',
  },
  'production-code-ships-alone': {
    'src/adapters/memory/users.ts': `import { given } from '../../../tests/support/given.ts'\nexport const a = given`,
    'tests/support/given.ts': 'export const given = 1',
  },
  'the-demo-is-asked-for-by-bun-alone': {
    'src/main/node.ts': `import { openDemo } from './demo.ts'\nexport const a = openDemo`,
    'src/main/lifecycle/demo.ts': `import { page } from '../../examples/web/serve.ts'\nexport const openDemo = page`,
    'examples/web/serve.ts': 'export const page = 1',
  },
  ...Object.fromEntries(
    Object.entries({
      http: 'elysia',
      crypto: '@node-rs/argon2',
      'crypto-and-oauth': 'jose',
      oauth: 'oauth4webapi',
      postgres: 'drizzle-orm',
      redis: 'ioredis',
      telemetry: 'pino',
    }).map(([folder, name]) => [
      `${folder}-packages-stay-there`,
      { 'src/adapters/elsewhere/a.ts': `export * from '${name}'` },
    ]),
  ),
  'bun-in-its-entry-only': {
    'src/main/node.ts': `import { serve } from 'bun'\nexport const a = serve`,
    'src/main/deno.ts': `import { Database } from 'bun:sqlite'\nexport const a = Database`,
  },
  'no-development-packages': {
    'src/main/compose.ts': `import fc from 'fast-check'\nexport const a = fc`,
  },
  'no-cycles': {
    'src/domain/egg.ts': `import type { Hen } from './hen.ts'\nexport type Egg = Hen | null`,
    'src/domain/hen.ts': `import type { Egg } from './egg.ts'\nexport type Hen = Egg | null`,
  },
  'everything-resolves': {
    'src/main/compose.ts': `import { gone } from './gone.ts'\nexport const a = gone`,
  },
}

describe('a planted violation', () => {
  let garden: string
  beforeAll(async () => {
    garden = await mkdtemp(join(tmpdir(), 'planted-'))
  })
  afterAll(() => rm(garden, { recursive: true }))

  const plant = async (rule: string, files: Readonly<Record<string, string>>) => {
    const root = join(garden, rule)
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))
    await writeFile(join(root, 'package.json'), '{ "devDependencies": { "fast-check": "*" } }')
    return root
  }

  test('exists for every rule', () => {
    expect(Object.keys(PLANTED).toSorted()).toEqual(
      law.forbidden.map(({ name }) => name).toSorted(),
    )
  })

  test.each(Object.entries(PLANTED))('of %s is caught by that rule alone', async (rule, files) => {
    const root = await plant(rule, files)
    const folders = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))]
    const { violations } = await judge(
      root,
      folders.filter((folder) => folder !== 'tests'),
    )
    const culprit = Object.keys(files)[0] ?? ''
    expect([...new Set(violations.map((violation) => violation.rule))]).toEqual([rule])
    expect(violations.map(({ from }) => from)).toContain(culprit)
  })
})
