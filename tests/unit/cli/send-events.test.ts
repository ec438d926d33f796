import { describe, expect, test } from 'bun:test'
import {
  sendInParts,
  sendRequest,
  sendSnapshot,
} from '../../../src/adapters/cli/events/send-events.ts'
import type { ServiceCommands } from '../../../src/adapters/cli/shared/command.ts'
import type { CommandOutcome } from '../../../src/ports/driving/operations/owner-commands.ts'

const part = (sent: number, after: string | null): CommandOutcome => ({
  exitCode: 0,
  lines: [],
  next: { after, isMore: after !== null, sent },
})

const given = async (parts: readonly CommandOutcome[], stopAfter = 99) => {
  const stopping = new AbortController()
  const asked: unknown[] = []
  const printed: string[] = []
  const commands: ServiceCommands = {
    isShared: true,
    run: async (_, input) => {
      asked.push(input)
      if (asked.length === stopAfter) stopping.abort()
      return parts[asked.length - 1] ?? part(0, null)
    },
  }
  const outcome = await sendInParts(
    {
      ask: commands.run,
      withService: (work) => work(commands),
      untilStopped: (work) => work(stopping.signal),
      show: ({ lines }) => printed.push(...lines),
    },
    sendSnapshot,
    { consumer: 'backend', ...sendRequest({}) },
  )
  return { outcome, asked, printed }
}

describe('what is sent in parts', () => {
  test('continues where each part ended, is marked as first once, and prints the sum', async () => {
    const { outcome, asked, printed } = await given([part(9999, 'a'), part(2, 'b'), part(3, null)])
    expect(outcome).toEqual({
      exitCode: 0,
      lines: ['Sent 10004 to backend, and to nobody else.'],
      documents: [{ consumer: 'backend', sent: 10_004, after: null }],
    })
    expect(asked).toMatchObject([
      { after: null, isFirst: true },
      { after: 'a', isFirst: false },
      { after: 'b', isFirst: false },
    ])
    expect(printed).toEqual(['10001 so far.', 'To continue from here: --after b'])
  })

  test('says where to continue when it is stopped, or when a later part fails', async () => {
    const stopped = await given([part(5, 'a'), part(5, 'b')], 2)
    expect(stopped.outcome).toEqual({
      exitCode: 130,
      lines: ['Stopped after 10.', 'To continue from here: --after b'],
      documents: [{ consumer: 'backend', sent: 10, after: 'b', isStopped: true }],
    })
    const failed = await given([part(5, 'a'), { exitCode: 69, lines: ['NATS is away.'] }])
    expect(failed.outcome).toEqual({
      exitCode: 69,
      lines: ['NATS is away.', '5 were sent before.', 'To continue from here: --after a'],
      documents: [{ consumer: 'backend', sent: 5, after: 'a', messages: ['NATS is away.'] }],
    })
  })

  test('is refused when its first part is refused', async () => {
    const refused = { exitCode: 1, lines: ['The rate is none.'] }
    expect((await given([refused])).outcome).toEqual(refused)
  })
})
