import { describe, expect, test } from 'bun:test'
import type {
  ReceivedSignal,
  Signal,
  Signals,
} from '../../../../src/ports/driven/operations/signals.ts'
import { givenUserId } from '../../../support/builders/events/given-events.ts'
import { givenSessionId } from '../../../support/builders/sessions/given-sessions.ts'
import { eventually } from '../../../support/processes/timing/eventually.ts'

const ALL: readonly Signal[] = [
  { kind: 'user-changed', userId: givenUserId(7) },
  { kind: 'session-changed', sessionId: givenSessionId(8) },
  { kind: 'events-waiting', shards: [0, 63] },
  { kind: 'events-waiting', shards: [] },
  { kind: 'shards-freed' },
  { kind: 'mode-changed' },
]

/** What every adapter of signals has to do. `open` makes one that receives signals already. */
export const signalsContract = (name: string, open: () => Promise<Signals>) =>
  describe(`signals over ${name}`, () => {
    const given = async () => {
      const signals = await open()
      const heard: ReceivedSignal[] = []
      signals.listen((signal) => heard.push(signal))
      return { signals, heard }
    }

    test('are received by their own instance, each once and in order', async () => {
      const { signals, heard } = await given()
      for (const signal of ALL) await signals.announce(signal)
      await eventually('all that was announced', 5, () => expect(heard).toEqual([...ALL]))
    })

    test('that are announced at once are all received, in order', async () => {
      const { signals, heard } = await given()
      await Promise.all(ALL.map((signal) => signals.announce(signal)))
      await eventually('all that was announced', 5, () => expect(heard).toEqual([...ALL]))
    })

    test('are received by every handler', async () => {
      const { signals, heard } = await given()
      const kinds: string[] = []
      signals.listen(({ kind }) => kinds.push(kind))
      await signals.announce({ kind: 'shards-freed' })
      await eventually('what is left of it', 5, () => {
        expect(heard).toEqual([{ kind: 'shards-freed' }])
        expect(kinds).toEqual(['shards-freed'])
      })
    })

    test('are not received before the caller goes on', async () => {
      const { signals, heard } = await given()
      const announced = signals.announce({ kind: 'shards-freed' })
      expect(heard).toEqual([])
      await announced
    })

    test('are not received any more after closing, which can be repeated', async () => {
      const { signals, heard } = await given()
      expect(signals.isListening()).toBe(true)
      await signals.close()
      expect(signals.isListening()).toBe(false)
      await signals.announce({ kind: 'shards-freed' })
      await signals.close()
      expect(heard).toEqual([])
    })
  })
