import type { SchemaVersion } from '../contract/subjects.ts'
import type { UserEvent } from '../contract/user-event.ts'
import type { Store } from '../stores/store.ts'
import type { ConsumeOptions, ConsumerLimits } from './consumer-options.ts'
import type { Verdict } from './judge.ts'
import { isEffective, judge } from './judge.ts'
import type { Report } from './report.ts'

/** The store failed before the handler was called, so the event is not to blame. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}

/** The handler, or the commit after it, took longer than `limits.handlerSeconds`. */
class HandlerTimeout extends Error {
  override readonly name = 'HandlerTimeout'
}

export type ApplyNeeds<Version extends SchemaVersion, Tx> = {
  readonly store: Store<Tx>
  readonly name: string
  readonly handle: ConsumeOptions<Version, Tx>['handle']
  readonly limits: Pick<ConsumerLimits, 'handlerSeconds'>
  readonly report: Report
  /** Aborted when the consumer stops: no handler is called after that. */
  readonly signal: AbortSignal
}

/** How long a handler may go on after its signal was aborted. */
const HANDLER_GRACE_SECONDS = 5

/**
 * Judges and handles one event in one transaction. It ends at the latest after `handlerSeconds` for the store and, once the
 * handler is called, after another `handlerSeconds` and the grace. Nobody waits then for what still runs.
 * @throws what the handler or the commit failed with; HandlerTimeout when they did not end; StoreUnavailable when the store
 * failed, or gave no answer, before the handler was called.
 */
export const applyEvent = async <Version extends SchemaVersion, Tx>(
  { store, name, handle, limits, report, signal }: ApplyNeeds<Version, Tx>,
  event: UserEvent<Version>,
): Promise<Verdict> => {
  const { userId, version, eventId } = event
  const { handlerSeconds } = limits
  const limit = makeLimit()
  const interrupt = new AbortController()
  let isHandled = false

  const interruptHandler = (): void => {
    const fault = new HandlerTimeout(
      `event ${eventId}, version ${version}: the handler did not end within ${handlerSeconds} s`,
    )
    report.trouble('handler-slow', fault)
    interrupt.abort(fault)
    limit.after(HANDLER_GRACE_SECONDS, () => limit.giveUp(fault))
  }

  limit.after(handlerSeconds, () =>
    limit.giveUp(new Error(`the store gave no answer within ${handlerSeconds} s`)),
  )
  try {
    const applied = store.transact(async (tx) => {
      const position = await store.takePosition(tx, name, userId)
      // Nobody waits for this attempt any more, and the event will be delivered again.
      if (limit.isOver() || signal.aborted) throw new Error('the consumer has given the event up')
      const verdict = judge(position, event)
      if (!isEffective(verdict)) return verdict
      isHandled = true
      limit.after(handlerSeconds, interruptHandler)
      await Promise.race([handle(event, tx, { signal: interrupt.signal }), limit.givenUp])
      await store.keepPosition(tx, name, { userId, version, eventId })
      return verdict
    })
    return await Promise.race([applied, limit.givenUp])
  } catch (cause) {
    throw isHandled ? cause : new StoreUnavailable('the store cannot be reached', { cause })
  } finally {
    limit.end()
  }
}

/** One timer at a time, and a promise that rejects when the waiting is given up. */
const makeLimit = () => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  let giveUp: (fault: Error) => void = () => {}
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  // It may reject before anybody has begun to wait for it.
  givenUp.catch(() => {})
  const end = (): void => {
    isOver = true
    clearTimeout(timer)
  }
  return {
    givenUp,
    giveUp,
    isOver: () => isOver,
    /** Calls `act` after so many seconds, in place of what was to be called before. */
    after: (seconds: number, act: () => void): void => {
      clearTimeout(timer)
      if (!isOver) timer = setTimeout(act, seconds * 1000)
    },
    end,
  }
}
