import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyEvent } from '../../../packages/user-events/src/consumer/apply-event.ts'
import type { SchemaVersion } from '../../../packages/user-events/src/index.ts'
import { DEFAULT_LIMITS, decode, makeMemoryStore } from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'

type Vector = {
  readonly title: string
  readonly version: SchemaVersion
  readonly messages: readonly {
    readonly why: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly verdict: string
    readonly skipped?: number
  }[]
}

const FOLDER = join(ROOT, 'contracts/user-events/vectors')
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))
const vectors = files.map((name) => ({
  name,
  vector: JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Vector,
}))

const NEEDS = {
  name: 'vectors',
  limits: DEFAULT_LIMITS,
  report: { result: () => {}, trouble: () => {} },
  signal: new AbortController().signal,
}

describe('the vectors', () => {
  test.each(vectors)('in $name have the verdicts of our package', async ({ vector }) => {
    const store = makeMemoryStore()
    const handled: number[] = []
    const handle = async ({ version }: { version: number }) => void handled.push(version)
    for (const { why, headers, body, verdict, skipped } of vector.messages) {
      const handledBefore = handled.length
      const decoded = decode({ headers, body: new TextEncoder().encode(body) }, vector.version)
      const found = decoded.ok
        ? await applyEvent({ ...NEEDS, store, handle }, decoded.event)
        : { kind: 'malformed' }
      expect({ why, ...found }).toEqual({ why, kind: verdict, ...(skipped ? { skipped } : {}) })
      const isEffective = verdict === 'applied' || verdict === 'gap'
      expect(handled.length - handledBefore).toBe(isEffective ? 1 : 0)
    }
  })

  test('show every verdict', () => {
    const verdicts = vectors.flatMap(({ vector }) => vector.messages.map(({ verdict }) => verdict))
    expect([...new Set(verdicts)].toSorted()).toEqual([
      'applied',
      'conflict',
      'duplicate',
      'gap',
      'malformed',
      'stale',
    ])
  })
})
