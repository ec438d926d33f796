import type {
  CommandOutcome,
  RunOwnerCommand,
} from '../../ports/driving/operations/owner-commands.ts'
import { describeSchemaRefusal } from '../describe-schema-refusal.ts'
import { EXIT } from '../exit-codes.ts'
import { applyStreams } from './apply-streams.ts'
import { retireKeys, rotateKeys } from './change-keys.ts'
import { createAdmin } from './create-admin.ts'
import { listDeadLetters, redriveDeadLetters } from './dead-letters.ts'
import { discardEvents } from './discard-events.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'
import { readEvents } from './read-events.ts'
import { rebaseEvents } from './rebase-events.ts'
import { replayEvents } from './replay-events.ts'
import { reportMigration } from './report-migration.ts'
import { describeSchemaState } from './schema-state.ts'
import { sendEvents, sendSnapshot } from './send-to-consumer.ts'
import { setSyncMode } from './set-sync-mode.ts'
import { syncReport } from './sync-report.ts'
import { syncStatus } from './sync-status.ts'

type OwnerCommand = (needs: OwnerCommandNeeds, input: unknown) => Promise<CommandOutcome>

const migrate: OwnerCommand = async ({ migrate }) => {
  const migrated = await migrate()
  return migrated.ok
    ? reportMigration(migrated.value)
    : describeSchemaRefusal(migrated.refusal, null)
}

/** What the doctor wants to know from inside. */
const schema: OwnerCommand = async ({ schemaState }) => {
  const state = await schemaState()
  return {
    exitCode: state === 'current' ? EXIT.ok : EXIT.failed,
    lines: [describeSchemaState(state)],
  }
}

const COMMANDS = {
  migrate,
  schema,
  'admin-create': createAdmin,
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
  'sync-status': syncStatus,
  'sync-report': syncReport,
  'sync-set': setSyncMode,
} as const satisfies Record<string, OwnerCommand>

export type OwnerCommandName = keyof typeof COMMANDS

/** A tail asks every second, and what is sent in parts as well. */
const ASKED_OFTEN: ReadonlySet<string> = new Set<OwnerCommandName>([
  'events-read',
  'events-send',
  'events-snapshot',
])

/** What the command line asks of a composed service, whether it serves or was composed for this alone. */
export const makeOwnerCommands = (needs: OwnerCommandNeeds): RunOwnerCommand => {
  // One after the other: two rotations at once would lose a key.
  let last: Promise<unknown> = Promise.resolve()
  return async (name, input) => {
    const command = Object.entries(COMMANDS).find(([known]) => known === name)?.[1]
    if (command === undefined) return undefined
    const outcome = last.then(() => command(needs, input))
    last = outcome.catch(() => {})
    const { exitCode } = await outcome
    needs.log(ASKED_OFTEN.has(name) ? 'debug' : 'info', 'command.done', { command: name, exitCode })
    return outcome
  }
}
