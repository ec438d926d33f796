import type { Relay } from '../application/events/relay/relay-events.ts'
import type { Signals } from '../ports/driven/operations/signals.ts'

/** Lets an instance act at once on what it would find out by itself a moment later. */
export const followSignals = (
  signals: Signals,
  relay: Relay,
  lookAtMode: () => Promise<void>,
): void =>
  signals.listen(({ kind }) => {
    if (kind === 'mode-changed') void lookAtMode()
    if (kind === 'events-waiting' || kind === 'signals-missed') relay.wake()
    if (kind === 'shards-freed' || kind === 'signals-missed') relay.lookForShards()
  })
