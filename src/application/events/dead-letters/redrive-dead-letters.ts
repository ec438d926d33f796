import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import { ok } from '../../../domain/shared/result.ts'
import type {
  DeadLetter,
  DeadLetterCodec,
  DeadLetters,
} from '../../../ports/driven/events/dead-letters.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores } from '../../../ports/driven/transact.ts'
import type { RedriveDeadLetters } from '../../../ports/driving/events/dead-letters.ts'
import { administratorEntry } from '../../audit/audit-entries.ts'
import type { PublishToConsumer } from '../publish-to-consumer.ts'
import type { SelectionNeeds } from './select-dead-letters.ts'
import { namedDeadLetters, selectDeadLetters } from './select-dead-letters.ts'

type Needs = SelectionNeeds & {
  readonly deadLetters: DeadLetters
  readonly deadLetterCodec: Pick<DeadLetterCodec, 'describe' | 'original'>
  readonly publishToConsumer: PublishToConsumer
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  readonly log: Log
  readonly clock: Clock
}

const PAGE = 100

/** See `RedriveDeadLetters`. It writes the audit entry before it redrives anything. */
export const makeRedriveDeadLetters = (needs: Needs): RedriveDeadLetters => {
  const { deadLetters, deadLetterCodec, publishToConsumer, stores, identifiers, log, clock } = needs

  /** The message is stored for its consumer first, and only then the dead letter is removed. */
  const redrive = async (letter: DeadLetter, redriveId: string): Promise<void> => {
    // Two dead letters may hold the same message. With equal message ids the broker would drop the second.
    const messageRedriveId = `${redriveId}-${letter.sequence}`
    await publishToConsumer(
      letter.consumer,
      deadLetterCodec.original(letter.message, messageRedriveId),
    )
    await deadLetters.remove(letter.sequence)
  }

  return async ({ consumer: name, ids, atMost }, caller) => {
    const selection = await selectDeadLetters(needs, { consumer: name, ids })
    if (!selection.ok) return selection
    const { consumer, sequences } = selection.value
    const last = await deadLetters.last()
    const redriveId = identifiers.replayId()
    await stores.audit.append(
      administratorEntry('dead-letters.redriven', caller, {
        subjectId: null,
        details: `${ids === null ? 'all' : ids.length} of ${consumer}, redrive ${redriveId}`,
        at: clock(),
      }),
    )
    const selected =
      sequences === null
        ? allOf(deadLetters, consumer, last)
        : namedDeadLetters(needs, consumer, sequences)
    let [redriven, malformed] = [0, 0]
    for await (const letter of selected) {
      if (redriven === atMost) break
      if (sequences === null && deadLetterCodec.describe(letter.message).reason === 'malformed') {
        malformed += 1
        continue
      }
      await redrive(letter, redriveId)
      redriven += 1
    }
    log('info', 'dead-letters.redriven', { consumer, redriveId, redriven, malformed })
    return ok({ redriven, malformed })
  }
}

/** The dead letters up to `last`. A message that fails again meanwhile comes back with a higher sequence. */
async function* allOf(
  deadLetters: DeadLetters,
  consumer: ConsumerName,
  last: number,
): AsyncGenerator<DeadLetter> {
  let after = 0
  for (;;) {
    const page = await deadLetters.list({ consumer, after, limit: PAGE })
    for (const letter of page) {
      if (letter.sequence > last) return
      yield letter
      after = letter.sequence
    }
    if (page.length < PAGE) return
  }
}
