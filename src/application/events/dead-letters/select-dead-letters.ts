import type { ConsumerName } from '../../../domain/events/consumer-name.ts'
import { parseConsumerName } from '../../../domain/events/consumer-name.ts'
import { DEAD_LETTER_ID_PATTERN } from '../../../domain/events/dead-letter.ts'
import type { Result } from '../../../domain/shared/result.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { DeadLetter, DeadLetters } from '../../../ports/driven/events/dead-letters.ts'
import type { EventConsumers } from '../../../ports/driven/events/event-consumers.ts'
import type { SelectionRefusal } from '../../../ports/driving/events/dead-letters.ts'

export type SelectionNeeds = {
  readonly deadLetters: Pick<DeadLetters, 'list' | 'find'>
  readonly eventConsumers: Pick<EventConsumers, 'exists'>
}

/** A consumer, and the dead letters that were named; null where all are meant. */
export type SelectedDeadLetters = {
  readonly consumer: ConsumerName
  readonly sequences: readonly number[] | null
}

const SEQUENCE = new RegExp(DEAD_LETTER_ID_PATTERN)

/** Parses the name of a consumer and ids of dead letters. The consumer must exist, or must have left dead letters. */
export const selectDeadLetters = async (
  { deadLetters, eventConsumers }: SelectionNeeds,
  { consumer: name, ids }: { readonly consumer: string; readonly ids: readonly string[] | null },
): Promise<Result<SelectedDeadLetters, SelectionRefusal>> => {
  const consumer = parseConsumerName(name)
  if (consumer === null) return fail({ kind: 'invalid-consumer' })
  const index = ids?.findIndex((id) => !SEQUENCE.test(id)) ?? -1
  if (index >= 0) return fail({ kind: 'invalid-id', index })
  const [first] = await deadLetters.list({ consumer, after: 0, limit: 1 })
  if (first === undefined && !(await eventConsumers.exists(consumer)))
    return fail({ kind: 'unknown-consumer' })
  return ok({ consumer, sequences: ids === null ? null : [...new Set(ids.map(Number))] })
}

/** The dead letters of the consumer with these sequences, without those that are gone. */
export async function* namedDeadLetters(
  { deadLetters }: Pick<SelectionNeeds, 'deadLetters'>,
  consumer: ConsumerName,
  sequences: readonly number[],
): AsyncGenerator<DeadLetter> {
  for (const sequence of sequences) {
    const letter = await deadLetters.find(sequence)
    if (letter?.consumer === consumer) yield letter
  }
}
