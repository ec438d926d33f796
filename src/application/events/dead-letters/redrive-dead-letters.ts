import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import { directSubjectOf, parseConsumerName } from '../../../domain/events/consumer-name.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { DeadLetterCodec } from '../../../ports/driven/events/dead-letter-codec.ts'
import type { DeadLetter, DeadLetters } from '../../../ports/driven/events/dead-letters.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Identifiers } from '../../../ports/driven/shared/identifiers.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores } from '../../../ports/driven/transact.ts'
import type { RedriveDeadLetters } from '../../../ports/driving/events/dead-letters.ts'
import type { PublishPatiently } from '../replay/publish-patiently.ts'

type Needs = {
  readonly deadLetters: DeadLetters
  readonly deadLetterCodec: Pick<DeadLetterCodec, 'original'>
  readonly publishPatiently: PublishPatiently
  readonly stores: Pick<Stores, 'audit'>
  readonly identifiers: Pick<Identifiers, 'replayId'>
  readonly log: Log
  readonly clock: Clock
}

const PAGE = 100
const SEQUENCE = /^[1-9]\d{0,14}$/

/** See `RedriveDeadLetters`. Recorded before anything is done. */
export const makeRedriveDeadLetters = (needs: Needs): RedriveDeadLetters => {
  const { deadLetters, stores, identifiers, log, clock } = needs
  const redrive = makeRedrive(needs)
  const chosen = (consumer: ConsumerName, sequences: readonly number[] | null, last: number) =>
    sequences === null
      ? present(deadLetters, consumer, last)
      : named(deadLetters, consumer, sequences)
  return async ({ consumer: name, ids, atMost }, caller) => {
    const consumer = parseConsumerName(name)
    if (consumer === null) return fail({ kind: 'invalid-consumer' })
    const index = ids?.findIndex((id) => !SEQUENCE.test(id)) ?? -1
    if (index >= 0) return fail({ kind: 'invalid-id', index })
    const last = await deadLetters.last()
    const redriveId = identifiers.replayId()
    await stores.audit.append({
      ...{ action: 'dead-letters.redriven', result: 'ok', subjectId: null },
      actorId: caller?.id ?? null,
      sessionId: caller?.session.id ?? null,
      addressPrefix: caller?.session.addressPrefix ?? null,
      details: `${ids === null ? 'all' : ids.length} of ${consumer}, redrive ${redriveId}`,
      at: clock(),
    })
    let redriven = 0
    for await (const letter of chosen(consumer, ids?.map(Number) ?? null, last)) {
      if (redriven === atMost) break
      await redrive(letter, redriveId)
      redriven += 1
    }
    log('info', 'dead-letters.redriven', { consumer, redriveId, redriven })
    return ok({ redriven })
  }
}

/** First it is stored for its consumer, and only then removed. */
const makeRedrive =
  ({ deadLetters, deadLetterCodec, publishPatiently }: Needs) =>
  async ({ sequence, consumer, message }: DeadLetter, redriveId: string): Promise<void> => {
    // Two letters may be of one message: as repeats of each other, the second would be dropped.
    const again = deadLetterCodec.original(message, `${redriveId}-${sequence}`)
    await publishPatiently(directSubjectOf(consumer), again)
    await deadLetters.remove(sequence)
  }

/** What is there now: one that fails again meanwhile comes back behind these. */
async function* present(
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

async function* named(
  deadLetters: DeadLetters,
  consumer: ConsumerName,
  sequences: readonly number[],
): AsyncGenerator<DeadLetter> {
  for (const sequence of new Set(sequences)) {
    const letter = await deadLetters.find(sequence)
    if (letter?.consumer === consumer) yield letter
  }
}
