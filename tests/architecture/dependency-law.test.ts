import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import law from '../../.dependency-cruiser.ts'
import { productionFiles, ROOT, typeScriptUnder } from '../../scripts/repository.ts'
import type { Files } from '../support/builders/repository/planted-source.ts'
import { cruiseSource, plant } from '../support/builders/repository/planted-source.ts'
import {
  removeTemporaryFolders,
  temporaryFolder,
} from '../support/processes/test-run/temporary-folder.ts'

// Every file is parsed, on however busy a machine.
setDefaultTimeout(60_000)
afterAll(removeTemporaryFolders)

type Violation = { readonly rule: string; readonly from: string; readonly to: string }

const judge = async (root: string, folders: string[]) => {
  const { modules, summary } = await cruiseSource(root, folders)
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

/** One may import examples; the other is in a cycle that is reported once, for the file that comes first. */
const NO_CULPRITS = ['src/main/lifecycle/demo.ts', 'src/domain/hen.ts']

/** For each rule, files that break it and nothing but it. Every file that imports is a culprit, except those two. */
const PLANTED: Readonly<Record<string, Files>> = {
  'domain-knows-itself-only': {
    'src/domain/accounts/user.ts': `import type { Users } from '../../ports/driven/accounts/users.ts'\nexport type A = Users`,
    'src/ports/driven/accounts/users.ts': 'export type Users = {}',
  },
  'ports-know-the-domain': {
    'src/ports/driven/accounts/users.ts': `import type { Save } from '../../../application/save.ts'\nexport type A = Save`,
    'src/application/save.ts': 'export type Save = {}',
  },
  'driving-ports-know-no-driven-ones': {
    'src/ports/driving/events/replay.ts': `import type { Replays } from '../../driven/events/replays.ts'\nexport type A = Replays`,
    'src/ports/driven/events/replays.ts': 'export type Replays = {}',
  },
  'driven-ports-know-no-driving-ones': {
    'src/ports/driven/events/replays.ts': `import type { Replay } from '../../driving/events/replay.ts'\nexport type A = Replay`,
    'src/ports/driving/events/replay.ts': 'export type Replay = {}',
  },
  'application-knows-domain-and-ports': {
    'src/application/save.ts': `import { open } from '../adapters/postgres/open.ts'\nexport const save = open`,
    'src/adapters/postgres/open.ts': 'export const open = 1',
  },
  'adapters-know-domain-and-ports': {
    'src/adapters/http/route.ts': `import { save } from '../../application/save.ts'\nexport const route = save`,
    'src/adapters/cli/command.ts': `import { save } from '../../application/save.ts'\nexport const command = save`,
    'src/application/save.ts': 'export const save = 1',
  },
  'adapters-never-meet': {
    'src/adapters/http/route.ts': `import type { Row } from '../postgres/row.ts'\nexport type A = Row`,
    'src/adapters/cli/command.ts': `import type { Row } from '../postgres/row.ts'\nexport type A = Row`,
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
    'src/main/node.ts': `import { openDemo } from './lifecycle/demo.ts'\nexport const a = openDemo`,
    'src/main/lifecycle/demo.ts': `import { page } from '../../../examples/web/serve.ts'\nexport const openDemo = page`,
    'examples/web/serve.ts': 'export const page = 1',
  },
  ...Object.fromEntries(
    Object.entries({
      http: 'elysia',
      'http-and-redis': '@sinclair/typebox',
      crypto: '@node-rs/argon2',
      'crypto-and-oauth': 'jose',
      cli: '@commander-js/extra-typings',
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
  'shared-uses-no-room': {
    'src/adapters/cli/shared/print.ts': `export * from '../events/replay-events.ts'`,
    'src/adapters/cli/events/replay-events.ts': 'export const replayEvents = 1',
    'src/ports/driven/shared/clock.ts': `export * from '../events/ledger.ts'`,
    'src/ports/driven/events/ledger.ts': 'export type Ledger = {}',
    'src/domain/shared/ids.ts': `export * from '../accounts/user.ts'`,
    'src/domain/accounts/user.ts': 'export type User = {}',
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
  test('exists for every rule', () => {
    expect(Object.keys(PLANTED).toSorted()).toEqual(
      law.forbidden.map(({ name }) => name).toSorted(),
    )
  })

  test.each(Object.entries(PLANTED))('of %s is caught by that rule alone', async (rule, files) => {
    const root = join(temporaryFolder(), rule)
    await plant(root, files)
    const folders = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))]
    const { violations } = await judge(
      root,
      folders.filter((folder) => folder !== 'tests'),
    )
    expect([...new Set(violations.map((violation) => violation.rule))]).toEqual([rule])
    const culprits = Object.keys(files).filter(
      (path) => !NO_CULPRITS.includes(path) && files[path]?.includes(' from '),
    )
    expect([...new Set(violations.map(({ from }) => from))].toSorted()).toEqual(culprits.toSorted())
  })
})
