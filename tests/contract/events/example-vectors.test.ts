import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '../../../examples/backend/database.ts'
import { applyToMembers, listMembers, makeTables } from '../../../examples/backend/members.ts'
import { makePresence } from '../../../examples/chat/presence.ts'
import { openCards } from '../../../examples/social/cards.ts'
import { applyEvent } from '../../../packages/user-events/src/consumer/apply-event.ts'
import type { ConsumeOptions } from '../../../packages/user-events/src/index.ts'
import {
  DEFAULT_LIMITS,
  decode,
  makeMemoryStore,
  makePostgresStore,
  POSITIONS_TABLE,
} from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'

type Vector = {
  readonly version: number
  readonly messages: readonly {
    readonly why: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly verdict: string
  }[]
}
const FOLDER = join(ROOT, 'contracts/user-events/vectors')
const read = (name: string): Vector => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))
// The examples read version 1.
const names = readdirSync(FOLDER).filter(
  (name) => name.endsWith('.json') && read(name).version === 1,
)

/** A consumer with an empty state, and whether it holds a user. */
type Example = {
  settle(headers: Readonly<Record<string, string>>, body: string): Promise<string>
  holds(userId: string): Promise<boolean>
  close(): Promise<void>
}

const exampleOf = <Tx>(
  { store, handle }: Pick<ConsumeOptions<1, Tx>, 'store' | 'handle'>,
  holds: Example['holds'],
  close = async (): Promise<void> => {},
): Example => ({
  settle: async (headers, body) => {
    const decoded = decode({ headers, body: new TextEncoder().encode(body) }, 1)
    if (!decoded.ok) return 'malformed'
    const report = { result: () => {}, trouble: () => {} }
    const { signal } = new AbortController()
    const needs = { store, handle, name: 'example', limits: DEFAULT_LIMITS, report, signal }
    return (await applyEvent(needs, decoded.event)).kind
  },
  holds,
  close,
})

const EXAMPLES: Readonly<Record<string, () => Promise<Example>>> = {
  backend: async () => {
    const database = await openDatabase(undefined, 'memory://')
    await makeTables(database, POSITIONS_TABLE)
    const { sql, transact, close } = database
    const store = makePostgresStore<typeof sql>({
      transact,
      query: (tx, template, ...values) => tx(template, ...values),
    })
    return exampleOf(
      { store, handle: async (event, tx) => void (await applyToMembers(event, tx)) },
      async (userId) => (await listMembers(sql)).some(({ id }) => id === userId),
      close,
    )
  },
  social: async () => {
    const cards = openCards(':memory:')
    return exampleOf(
      { store: cards.store, handle: async (event) => cards.apply(event) },
      async (userId) => cards.find(userId) !== null,
      async () => cards.close(),
    )
  },
  chat: async () => {
    const presence = makePresence()
    return exampleOf(
      { store: makeMemoryStore(), handle: async (event) => presence.apply(event) },
      async (userId) => !presence.isBanned(userId),
    )
  },
}

describe.each(Object.entries(EXAMPLES))('the example %s', (_, open) => {
  test.each(names)(
    'reaches the verdicts of %s',
    async (name) => {
      const example = await open()
      try {
        for (const { why, headers, body, verdict } of read(name).messages)
          expect({ why, verdict: await example.settle(headers, body) }).toEqual({ why, verdict })
      } finally {
        await example.close()
      }
    },
    60_000,
  )

  test('holds a user who has come back, and not one who is deleted', async () => {
    const example = await open()
    try {
      const held: boolean[] = []
      for (const { headers, body } of read('return.json').messages.slice(0, 7)) {
        await example.settle(headers, body)
        held.push(await example.holds(headers['ce-subject'] ?? ''))
      }
      // created, deleted, a late update, the deletion again, back, a late deletion, deleted again
      expect(held).toEqual([true, false, false, false, true, true, false])
    } finally {
      await example.close()
    }
  }, 60_000)
})
