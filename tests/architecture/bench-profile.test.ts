import { describe, expect, test } from 'bun:test'
import { pathToFileURL } from 'node:url'
import { profilePage } from '../../bench/profile/profile-page.ts'
import { figureNamed } from '../../bench/profile/run-profile.ts'
import type { CpuProfile } from '../../bench/profile/summarize-profile.ts'
import { summarizeProfile } from '../../bench/profile/summarize-profile.ts'

const ROOT = '/house'
const SECOND_US = 1_000_000
const ALWAYS = { from: 0, until: Number.MAX_SAFE_INTEGER }

/** A function of a profile. `at` is its path in the repository, or the name of a module of the runtime. */
const node = (id: number, name: string, at: string, children: readonly number[] = []) => ({
  id,
  callFrame: {
    functionName: name,
    url: at.includes('/') ? pathToFileURL(`${ROOT}/${at}`).href : at,
    lineNumber: 41,
  },
  children,
})

/** A profile of these functions, with one sample a second. */
const profileOf = (nodes: CpuProfile['nodes'], samples: readonly number[]): CpuProfile => ({
  nodes,
  startTime: 0,
  samples,
  timeDeltas: samples.map(() => SECOND_US),
})

const summaryOf = (profile: CpuProfile, interval = ALWAYS) =>
  summarizeProfile(profile, interval, ROOT)

describe('the profile of a figure', () => {
  test('counts a package by its own name, wherever it is installed', () => {
    const stored = 'node_modules/.bun/postgres@3.4.9/node_modules/postgres/src/connection.js'
    const scoped = 'node_modules/.bun/a@1/node_modules/@node-rs/argon2/index.js'
    const nodes = [node(1, 'build', stored), node(2, 'hash', scoped)]
    const { parts } = summaryOf(profileOf(nodes, [1, 1, 1, 2]))
    expect(parts.map(({ name, share }) => [name, share])).toEqual([
      ['postgres', 0.75],
      ['@node-rs/argon2', 0.25],
    ])
  })

  test('counts our own code by layer and room, and an adapter with rooms by its rooms', () => {
    const places = [
      'src/domain/accounts/username.ts',
      'src/adapters/postgres/events/deliveries.ts',
      'src/adapters/redis/open-redis.ts',
      'src/application/events/relay/relay-events.ts',
      'packages/user-events/src/schema.ts',
    ]
    const nodes = places.map((place, index) => node(index, 'work', place))
    const { parts } = summaryOf(profileOf(nodes, [0, 1, 2, 3, 4]))
    expect(parts.map(({ name }) => name)).toEqual([
      'src/domain/accounts',
      'src/adapters/postgres/events',
      'src/adapters/redis',
      'src/application/events',
      'packages/user-events/src',
    ])
  })

  test('counts native code and the runtime for whoever called them', () => {
    const nodes = [
      node(1, '(root)', '', [2, 5]),
      node(2, 'send', 'node_modules/ioredis/built/Redis.js', [3]),
      node(3, 'write', 'node:net', [4]),
      node(4, 'writeBuffered', ''),
      node(5, 'drain', 'internal:streams'),
    ]
    const { parts, functions } = summaryOf(profileOf(nodes, [2, 4, 4, 5]))
    expect(parts).toEqual([
      { name: 'ioredis', share: 0.75, nativeShare: 0.5 },
      { name: 'the runtime itself', share: 0.25, nativeShare: 0.25 },
    ])
    expect(functions.map(({ name }) => name)).toEqual([
      'writeBuffered, native, called by ioredis',
      'send, ioredis/built/Redis.js:42',
      'drain, native',
    ])
  })

  test('leaves out what ran before and after the interval', () => {
    const nodes = ['before', 'during', 'after'].map((name, id) => node(id, name, 'src/main/a.ts'))
    // The samples are taken at 1, 2, 3 and 4 s.
    const { samples, functions } = summaryOf(profileOf(nodes, [0, 1, 1, 2]), {
      from: 2000,
      until: 4000,
    })
    expect(samples).toBe(2)
    expect(functions).toEqual([{ name: 'during, src/main/a.ts:42', share: 1 }])
  })
})

describe('the page of a profile', () => {
  const report = {
    figure: 'sign-ins',
    ours: 'POST /v1/auth/login',
    bareMachine: { hashesPerSecond: 265, changesPerSecond: 2000, commitsPerSecond: 5000 },
    conditions: { date: 'today', commit: 'abc', machine: 'two cores', loadBefore: 0, versions: {} },
    used: {},
    profile: {
      samples: 4,
      parts: [{ name: 'postgres', share: 0.25, nativeShare: 0.125 }],
      functions: [{ name: 'build, postgres/src/connection.js:224', share: 0.25 }],
    },
    statements: [],
  }

  test('begins with what the bare machine could do, and shows packages with their native code', () => {
    const page = profilePage(report)
    expect(page).toStartWith(
      '# Where the time goes: sign-ins\n\nIn the minute before this run the bare machine made 265',
    )
    expect(page).toContain('| postgres | 25.0 % | 12.5 % |')
  })

  test('shows the ten dearest statements with their share of all, and their whole text below', () => {
    const long = `select  'a' || '${'x'.repeat(200)}'`
    const statements = [
      { text: long, calls: 300, milliseconds: 60 },
      ...Array.from({ length: 10 }, (_, index) => ({
        text: `select ${index}`,
        calls: 1,
        milliseconds: 4,
      })),
    ]
    const page = profilePage({ ...report, statements })
    expect(page).toContain("| 1 | 60.0 % | 300 | 0.200 | select 'a' \\|\\| 'xxx")
    expect(page).toContain(`1. \`\`${long.replace('  ', ' ')}\`\``)
    expect(page).toContain('| 10 | 4.0 % | 1 | 4.000 | select 8 |')
    expect(page).not.toContain('select 9')
  })

  test('says why there are no statements', () => {
    const why = 'PostgreSQL 18 was installed without its extension pg_stat_statements.'
    expect(profilePage({ ...report, statements: why })).toContain(`## PostgreSQL\n${why}\n`)
  })
})

describe('the figure to profile', () => {
  const figures = ['reads', 'reads of others', 'sign-ins'].map((name) => ({ name }))

  test('is named by its name, or by words that only its name contains', () => {
    expect(figureNamed('reads', figures)).toEqual({ name: 'reads' })
    expect(figureNamed('sign', figures)).toEqual({ name: 'sign-ins' })
  })

  test.each([['nothing'], ['s'], ['']])(
    'is refused with all names when %p does not name one figure',
    (words) => {
      expect(() => figureNamed(words, figures)).toThrow(
        'The figures that can be profiled are:\n  reads\n  reads of others\n  sign-ins',
      )
    },
  )
})
