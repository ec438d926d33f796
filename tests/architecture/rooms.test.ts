import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { productionFiles, ROOT } from '../../scripts/repository.ts'
import type { Files } from '../support/builders/repository/planted-source.ts'
import { cruiseSource, plant } from '../support/builders/repository/planted-source.ts'
import {
  removeTemporaryFolders,
  temporaryFolder,
} from '../support/processes/test-run/temporary-folder.ts'

// Every file is parsed, on however busy a machine.
setDefaultTimeout(60_000)
afterAll(removeTemporaryFolders)

/** Where rooms are folders. The files beside the rooms of a layer are a room of their own. */
const LAYERS = [
  'src/domain',
  'src/ports/driving',
  'src/ports/driven',
  'src/application',
  'src/adapters/http',
  'src/adapters/postgres',
  'src/adapters/cli',
  'src/main/compose',
] as const

type Import = { readonly from: string; readonly to: string }

const importsUnder = async (root: string) => {
  const { modules } = await cruiseSource(root, ['src'])
  const imports = modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved }): Import => ({ from: source, to: resolved })),
  )
  return { sources: modules.map(({ source }) => source), imports }
}

/** The room of a file; null outside the layer. */
const roomOf = (layer: string, file: string): string | null => {
  if (!file.startsWith(`${layer}/`)) return null
  const [first = '', ...others] = file.slice(layer.length + 1).split('/')
  return others.length === 0 ? '.' : first
}

/** Every import between two rooms of the layer from which a way leads back, as `a -> b: file -> file`. */
const circlesIn = (layer: string, imports: readonly Import[]): readonly string[] => {
  const between = imports.flatMap(({ from, to }) => {
    const [room, other] = [roomOf(layer, from), roomOf(layer, to)]
    return room === null || other === null || room === other ? [] : [{ from, to, room, other }]
  })
  const reachable = (start: string): ReadonlySet<string> => {
    const reached = new Set([start])
    for (const room of reached)
      for (const { room: importer, other } of between) if (importer === room) reached.add(other)
    return reached
  }
  return between
    .filter(({ room, other }) => reachable(other).has(room))
    .map(({ from, to, room, other }) => `${room} -> ${other}: ${from} -> ${to}`)
}

describe('the rooms of a layer', () => {
  test('import each other in no circle', async () => {
    const { sources, imports } = await importsUnder(ROOT)
    const files = (await productionFiles()).filter((file) => file.startsWith('src/'))
    expect(files.length).toBeGreaterThan(300)
    expect(sources).toEqual(expect.arrayContaining(files))
    for (const layer of LAYERS) {
      const rooms = new Set(files.flatMap((file) => roomOf(layer, file) ?? []))
      expect({ layer, hasRooms: rooms.size > 2 }).toEqual({ layer, hasRooms: true })
      expect({ layer, circles: circlesIn(layer, imports) }).toEqual({ layer, circles: [] })
    }
  })

  const circlesPlanted = async (layer: string, files: Files): Promise<readonly string[]> => {
    const root = join(temporaryFolder(), 'planted')
    const planted = Object.entries(files).map(([path, text]) => [`${layer}/${path}`, text])
    await plant(root, Object.fromEntries(planted))
    const { sources, imports } = await importsUnder(root)
    expect(sources).toEqual(expect.arrayContaining(planted.map(([path]) => path)))
    return circlesIn(layer, imports).map((circle) => circle.split(':')[0] ?? '')
  }

  // No two of these files import each other in a circle; their rooms do.
  const CIRCLES: readonly (readonly [string, Files, readonly string[]])[] = [
    [
      'of two rooms',
      {
        'accounts/user.ts': `export * from '../sessions/session.ts'`,
        'accounts/name.ts': 'export const name = 1',
        'sessions/session.ts': 'export const session = 1',
        'sessions/token.ts': `export * from '../accounts/name.ts'`,
      },
      ['accounts -> sessions', 'sessions -> accounts'],
    ],
    [
      'of three rooms, by types alone',
      {
        'accounts/user.ts': `import type { S } from '../sessions/session.ts'\nexport type U = S`,
        'accounts/name.ts': 'export type N = 1',
        'oauth/grant.ts': `import type { N } from '../accounts/name.ts'\nexport type G = N`,
        'oauth/code.ts': 'export type C = 1',
        'sessions/session.ts': 'export type S = 1',
        'sessions/token.ts': `import type { C } from '../oauth/code.ts'\nexport type T = C`,
      },
      ['accounts -> sessions', 'oauth -> accounts', 'sessions -> oauth'],
    ],
    [
      'of a room and the files beside the rooms',
      {
        'all.ts': `export * from './accounts/user.ts'`,
        'needs.ts': 'export const needs = 1',
        'accounts/user.ts': 'export const user = 1',
        'accounts/name.ts': `export * from '../needs.ts'`,
      },
      ['. -> accounts', 'accounts -> .'],
    ],
  ]

  describe.each(LAYERS.map((layer) => [layer]))('in %s', (layer) => {
    test.each(CIRCLES)('that make a circle %s are found', async (_, files, circles) => {
      expect((await circlesPlanted(layer, files)).toSorted()).toEqual([...circles])
    })
  })

  test('may import each other one way, and the folders of one room both ways', async () => {
    const circles = await circlesPlanted('src/application', {
      'accounts/user.ts': `export * from '../events/relay/relay.ts'`,
      'events/relay/relay.ts': `export * from '../dead-letters/letter.ts'`,
      'events/relay/shard.ts': 'export const shard = 1',
      'events/dead-letters/letter.ts': 'export const letter = 1',
      'events/dead-letters/redrive.ts': `export * from '../relay/shard.ts'`,
    })
    expect(circles).toEqual([])
  })
})

describe('src/main', () => {
  test('holds entries, composition, configuration and lifecycle, and nothing else', async () => {
    const inMain = (await productionFiles()).filter((file) => file.startsWith('src/main/'))
    const places = new Set(inMain.map((file) => file.split('/')[2]))
    expect([...places].toSorted()).toEqual([
      'bun.ts',
      'cli.ts',
      'compose',
      'compose.ts',
      'config',
      'deno.ts',
      'lifecycle',
      'node.ts',
    ])
  })
})
