import { expect, test } from 'bun:test'
import { makeChannelJournal } from '../../../src/application/migration/channel-journal.ts'
import type { PublishFailureKind } from '../../../src/domain/events/publish-failure.ts'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import { secondsAfter } from '../../../src/domain/shared/instants.ts'
import { NOON } from '../../support/builders/accounts/stored-users.ts'
import { givenEvent } from '../../support/builders/events/given-events.ts'

const given = () => {
  let now = NOON
  let fate: PublishFailureKind | null = null
  const journal = makeChannelJournal(() => now)
  const sender = journal.observe({
    isReady: () => true,
    sendSeconds: 3,
    send: async () => {
      if (fate !== null) throw new PublishFailure(fate, 'a test')
      return { stream: 'USER_EVENTS', sequence: 1, duplicate: false }
    },
  })
  return {
    journal,
    pass: (seconds: number) => {
      now = secondsAfter(now, seconds)
    },
    now: () => now.getTime(),
    send: async (kind: PublishFailureKind | null = null, replayId: string | null = null) => {
      fate = kind
      const event = givenEvent(1, 1, NOON)
      const sent = sender.send({ channel: 'nats:user.events', event, attempts: 0, replayId })
      await sent.catch(() => {})
    },
  }
}

test('a journal keeps when each change was committed and acknowledged, and no replay', async () => {
  const { journal, pass, send, now } = given()
  pass(2)
  await send()
  await send(null, 'a replay')
  expect(journal.delivered()).toEqual([{ committedAt: NOON.getTime(), acknowledgedAt: now() }])
})

test('a journal keeps the last 400', async () => {
  const { journal, send } = given()
  for (let count = 0; count < 450; count += 1) await send()
  expect(journal.delivered()).toHaveLength(400)
})

test('an interruption lasts from the first failure that may pass to the next success', async () => {
  const { journal, pass, send, now } = given()
  await send('ambiguous')
  await send('permanent')
  expect(journal.interruptions()).toEqual([])
  await send('retryable')
  const from = now()
  pass(4)
  await send('retryable')
  expect(journal.interruptions()).toEqual([{ from, until: null }])
  pass(2)
  await send()
  expect(journal.interruptions()).toEqual([{ from, until: now() }])
})

test('a channel that cannot be reached is interrupted, until it can be reached and nothing waits', () => {
  const { journal, pass, now } = given()
  journal.recordReadiness(false, true)
  const from = now()
  pass(3)
  journal.recordReadiness(true, true)
  expect(journal.interruptions()).toEqual([{ from, until: null }])
  journal.recordReadiness(true, false)
  expect(journal.interruptions()).toEqual([{ from, until: now() }])
})

test('shards from elsewhere excuse what waited for them', () => {
  const { journal, now } = given()
  journal.recordTakeover()
  expect(journal.interruptions()).toEqual([{ from: now() - 10_000, until: now() }])
})

test('old interruptions are forgotten', () => {
  const { journal, pass } = given()
  journal.recordTakeover()
  pass(1201)
  journal.recordTakeover()
  expect(journal.interruptions()).toHaveLength(1)
})
