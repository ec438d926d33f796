import { describe, expect, test } from 'bun:test'
import type {
  ConsumerResult,
  ConsumerTrouble,
} from '../../../packages/user-events/src/consumer/consumer-options.ts'
import { makeReport } from '../../../packages/user-events/src/consumer/report.ts'
import type { UserEvent } from '../../../packages/user-events/src/contract/user-event.ts'

const ABOUT = {
  subject: 'user.events',
  stream: 'USER_EVENTS',
  sequence: 7,
  delivery: 2,
  arrivedAtMs: 1_000,
}

describe('the report of a consumer', () => {
  test('says which delivery a result is about, and how many seconds it took', () => {
    const results: ConsumerResult[] = []
    const onResult = (result: ConsumerResult) => void results.push(result)
    const report = makeReport('backend', { onResult }, () => 3_500)
    report.result(ABOUT, null, { kind: 'dead-letter', reason: 'malformed', detail: 'no JSON' })
    const { arrivedAtMs: _, ...shown } = ABOUT
    expect(results).toEqual([
      {
        ...shown,
        consumer: 'backend',
        eventId: null,
        userId: null,
        version: null,
        seconds: 2.5,
        kind: 'dead-letter',
        reason: 'malformed',
        detail: 'no JSON',
      },
    ])
  })

  test('says what hinders the consumer, and why', () => {
    const troubles: ConsumerTrouble[] = []
    const fault = new Error('away')
    const onTrouble = (trouble: ConsumerTrouble) => void troubles.push(trouble)
    makeReport('backend', { onTrouble }, () => 0).trouble('cannot-consume', fault)
    expect(troubles).toEqual([{ consumer: 'backend', kind: 'cannot-consume', fault }])
  })

  test('names the event, where there is one', () => {
    const results: ConsumerResult[] = []
    const onResult = (result: ConsumerResult) => void results.push(result)
    const event = { eventId: 'an event', userId: 'a user', version: 3 } as UserEvent
    makeReport('backend', { onResult }, () => 0).result(ABOUT, event, { kind: 'applied' })
    const { eventId, userId, version } = event
    expect(results).toMatchObject([{ eventId, userId, version, kind: 'applied' }])
  })

  test('does not fail when nobody observes, or when the observer fails', () => {
    const fail = () => {
      throw new Error('a broken observer')
    }
    for (const observer of [{}, { onResult: fail, onTrouble: fail }]) {
      const report = makeReport('backend', observer, () => 0)
      expect(() => report.result(ABOUT, null, { kind: 'applied' })).not.toThrow()
      expect(() => report.trouble('cannot-consume', new Error('away'))).not.toThrow()
    }
  })
})
