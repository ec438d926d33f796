import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applyEvent } from '../../../packages/user-events/src/consumer/apply-event.ts'
import type { DeadLetterNote, SchemaVersion } from '../../../packages/user-events/src/index.ts'
import {
  DEAD_LETTER_REASONS,
  DEFAULT_LIMITS,
  deadLetterSubject,
  decode,
  makeMemoryStore,
  readDeadLetter,
  writeDeadLetter,
} from '../../../packages/user-events/src/index.ts'
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

type Letters = {
  readonly letters: readonly {
    readonly why: string
    readonly given: Omit<DeadLetterNote, 'at' | 'attempts'> & {
      readonly at: string
      readonly created: string
      readonly deliveries: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
    readonly letter: {
      readonly subject: string
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }
  }[]
}
const { letters }: Letters = JSON.parse(
  readFileSync(join(ROOT, 'contracts/user-events/dead-letters/letters.json'), 'utf8'),
)

describe('the vectors of dead letters', () => {
  test.each(letters)('have the headers of our package: $why', ({ given, letter }) => {
    const { headers, body, created, at, deliveries, ...rest } = given
    const note = { ...rest, attempts: deliveries, at: new Date(at) }
    const original = { headers, body: new TextEncoder().encode(body) }
    const written = writeDeadLetter(original, note, created)
    expect(written.headers).toEqual(letter.headers)
    expect(new TextDecoder().decode(written.body)).toBe(letter.body)
    expect(deadLetterSubject(given.consumer)).toBe(letter.subject)
    expect(readDeadLetter(written)?.note.reason).toBe(given.reason)
  })

  test('show every reason', () => {
    const reasons = new Set(letters.map(({ given }) => given.reason))
    expect([...reasons].toSorted()).toEqual([...DEAD_LETTER_REASONS].toSorted())
  })
})
