import { parseReason } from '../../../domain/shared/plain-text.ts'
import { fail, ok } from '../../../domain/shared/result.ts'
import type { DeadLetters } from '../../../ports/driven/events/dead-letters.ts'
import type { Clock } from '../../../ports/driven/shared/clock.ts'
import type { Log } from '../../../ports/driven/shared/log.ts'
import type { Stores } from '../../../ports/driven/transact.ts'
import type { DismissDeadLetters } from '../../../ports/driving/events/dead-letters.ts'
import { administratorEntry } from '../../audit/audit-entries.ts'
import type { SelectionNeeds } from './select-dead-letters.ts'
import { namedDeadLetters, selectDeadLetters } from './select-dead-letters.ts'

type Needs = SelectionNeeds & {
  readonly deadLetters: Pick<DeadLetters, 'remove'>
  readonly stores: Pick<Stores, 'audit'>
  readonly log: Log
  readonly clock: Clock
}

/** See `DismissDeadLetters`. It writes the audit entry before it removes anything, and only when there is something to remove. */
export const makeDismissDeadLetters =
  (needs: Needs): DismissDeadLetters =>
  async (request, caller) => {
    const { deadLetters, stores, log, clock } = needs
    const reason = parseReason(request.reason)
    if (reason === null) return fail({ kind: 'no-reason' })
    if (request.ids.length === 0) return fail({ kind: 'nothing-selected' })
    const selected = await selectDeadLetters(needs, request)
    if (!selected.ok) return selected
    const { consumer, sequences } = selected.value
    const found: number[] = []
    for await (const { sequence } of namedDeadLetters(needs, consumer, sequences ?? []))
      found.push(sequence)
    if (found.length === 0) return ok({ dismissed: 0 })
    await stores.audit.append(
      administratorEntry('dead-letters.dismissed', caller, {
        subjectId: null,
        details: `${found.join()} of ${consumer}: ${reason}`,
        at: clock(),
      }),
    )
    for (const sequence of found) await deadLetters.remove(sequence)
    log('warn', 'dead-letters.dismissed', { consumer, dismissed: found.length })
    return ok({ dismissed: found.length })
  }
