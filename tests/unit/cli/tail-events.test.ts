import { describe, expect, test } from 'bun:test'
import { tailEvents } from '../../../src/adapters/cli/events/tail-events.ts'
import type { CommandOutcome } from '../../../src/ports/driving/operations/owner-commands.ts'

const page = (lines: readonly string[], after: string | null, isMore = false): CommandOutcome => ({
  exitCode: 0,
  lines,
  next: { after, isMore },
})

/** Follows a ledger that gives these pages and is stopped in the wait after the last of them. */
const follow = async (
  pages: readonly CommandOutcome[],
  isShared = true,
  userId: string | null = null,
) => {
  const asked: unknown[] = []
  const printed: string[] = []
  const waits: number[] = []
  const stopping = new AbortController()
  const outcome = await tailEvents(
    {
      commands: {
        isShared,
        run: async ({ name }, input) => {
          const given = pages[asked.length]
          asked.push({ name, ...input })
          if (given === undefined) throw new Error('asked too often')
          return given
        },
      },
      show: ({ lines }) => printed.push(...lines),
      pause: async (milliseconds) => {
        waits.push(milliseconds)
        if (asked.length === pages.length) stopping.abort()
      },
      stopping: stopping.signal,
    },
    userId,
  )
  return { outcome, asked, printed, waits }
}

describe('a tail of the ledger', () => {
  test('prints the present changes, then each new one, once each, until it is stopped', async () => {
    const pages = [page(['one', 'two'], 'c2'), page([], 'c2'), page(['three'], 'c3')]
    const { outcome, asked, printed } = await follow(pages)
    expect(printed).toEqual(['one', 'two', 'three'])
    expect(outcome).toEqual({ exitCode: 0, lines: [], documents: [] })
    expect(asked).toEqual([
      { name: 'events-read', userId: null, after: null, isFirst: true },
      { name: 'events-read', userId: null, after: 'c2', isFirst: false },
      { name: 'events-read', userId: null, after: 'c2', isFirst: false },
    ])
  })

  test('of an empty ledger misses none of many changes that come at once', async () => {
    const { asked } = await follow([page([], null), page(['one'], 'c1', true), page([], 'c1')])
    expect(asked.map((each) => (each as { isFirst: boolean }).isFirst)).toEqual([
      true,
      false,
      false,
    ])
  })

  test('does not wait while there are more changes', async () => {
    const { waits, printed } = await follow([
      page(['one'], 'c1', true),
      page(['two'], 'c2', true),
      page([], 'c2'),
    ])
    expect(printed).toEqual(['one', 'two'])
    expect(waits).toHaveLength(1)
  })

  test('asks for one user where one is named', async () => {
    const { asked } = await follow([page([], null)], true, 'somebody')
    expect(asked).toMatchObject([{ userId: 'somebody' }])
  })

  test('ends after the present changes when no service runs', async () => {
    const pages = [page(['one'], 'c1', true), page(['two'], 'c2')]
    const { outcome, printed, waits } = await follow(pages, false)
    expect(printed).toEqual(['one', 'two'])
    expect(outcome).toMatchObject({ exitCode: 0, lines: [expect.stringContaining('No service')] })
    expect(waits).toEqual([])
  })

  test('ends when the service refuses, and when the service ends', async () => {
    const gone = { exitCode: 69, lines: ['The running service does not answer.'] }
    expect((await follow([page(['one'], 'c1'), gone])).outcome).toEqual(gone)
  })

  test('ends when the service answers without a cursor', async () => {
    const odd = { exitCode: 0, lines: ['one'] }
    expect((await follow([odd])).outcome).toEqual(odd)
  })
})
