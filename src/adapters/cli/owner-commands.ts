import type { Log } from '../../ports/driven/shared/log.ts'
import type {
  CommandOutcome,
  OwnerCommandName,
  RunOwnerCommand,
} from '../../ports/driving/operations/owner-commands.ts'
import { createAdmin } from './administration/create-admin.ts'
import { unlockUser } from './administration/unlock-user.ts'
import { applyStreams } from './events/apply-streams.ts'
import { listDeadLetters, redriveDeadLetters } from './events/dead-letters.ts'
import { discardEvents } from './events/discard-events.ts'
import { provideConsumers } from './events/provide-consumers.ts'
import { rebaseEvents } from './events/rebase-events.ts'
import { replayEvents } from './events/replay-events.ts'
import { sendEvents, sendSnapshot } from './events/send-events.ts'
import { readEvents } from './events/tail-events.ts'
import { setSyncMode } from './migration/set-sync-mode.ts'
import { syncReport } from './migration/sync-report.ts'
import { syncStatus } from './migration/sync-status.ts'
import { migrate, reportSchema } from './operations/migrate.ts'
import { retireKeys, rotateKeys } from './sessions/signing-keys.ts'

type NeedsOf<Command extends (needs: never, input: unknown) => unknown> = Parameters<Command>[0]

/** What the commands of every room need together. */
export type OwnerCommandNeeds = NeedsOf<typeof migrate> &
  NeedsOf<typeof reportSchema> &
  NeedsOf<typeof createAdmin> &
  NeedsOf<typeof unlockUser> &
  NeedsOf<typeof rotateKeys> &
  NeedsOf<typeof retireKeys> &
  NeedsOf<typeof readEvents> &
  NeedsOf<typeof replayEvents> &
  NeedsOf<typeof discardEvents> &
  NeedsOf<typeof rebaseEvents> &
  NeedsOf<typeof sendEvents> &
  NeedsOf<typeof sendSnapshot> &
  NeedsOf<typeof listDeadLetters> &
  NeedsOf<typeof redriveDeadLetters> &
  NeedsOf<typeof applyStreams> &
  NeedsOf<typeof provideConsumers> &
  NeedsOf<typeof syncStatus> &
  NeedsOf<typeof syncReport> &
  NeedsOf<typeof setSyncMode> & { readonly log: Log }

type OwnerCommand = (needs: OwnerCommandNeeds, input: unknown) => Promise<CommandOutcome>

const COMMANDS: Readonly<Record<OwnerCommandName, OwnerCommand>> = {
  migrate,
  schema: reportSchema,
  'admin-create': createAdmin,
  'users-unlock': unlockUser,
  'keys-rotate': rotateKeys,
  'keys-retire': retireKeys,
  'events-read': readEvents,
  'events-replay': replayEvents,
  'events-discard': discardEvents,
  'events-rebase': rebaseEvents,
  'events-send': sendEvents,
  'events-snapshot': sendSnapshot,
  'dead-letters-list': listDeadLetters,
  'dead-letters-redrive': redriveDeadLetters,
  'nats-apply': applyStreams,
  'nats-consumer': provideConsumers,
  'sync-status': syncStatus,
  'sync-report': syncReport,
  'sync-set': setSyncMode,
}

/** These commands run every second or once for each part, so they are logged at debug level. */
const RUN_OFTEN: ReadonlySet<string> = new Set<OwnerCommandName>([
  'events-read',
  'events-send',
  'events-snapshot',
])

/** The commands of a composed service, whether it serves or was composed for one command. */
export const makeOwnerCommands = (needs: OwnerCommandNeeds): RunOwnerCommand => {
  // Commands run one after the other, because two rotations at once would lose a key.
  let last: Promise<unknown> = Promise.resolve()
  return async (name, input) => {
    const command = Object.entries(COMMANDS).find(([known]) => known === name)?.[1]
    if (command === undefined) return undefined
    const outcome = last.then(() => command(needs, input))
    last = outcome.catch(() => {})
    const { exitCode } = await outcome
    needs.log(RUN_OFTEN.has(name) ? 'debug' : 'info', 'command.done', { command: name, exitCode })
    return outcome
  }
}
