import type { DeliveryState, LedgerEntry } from '../../../domain/events/ledger-entry.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type { UserId } from '../../../domain/shared/ids.ts'
import { parseUserId } from '../../../domain/shared/ids.ts'
import type { Ledger } from '../../../ports/driven/events/ledger.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Cli, OwnerCommand, ServiceCommands } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { isSet, textOf } from '../shared/command-input.ts'
import { refused } from '../shared/outcomes.ts'

type TailNeeds = Pick<Cli, 'show' | 'pause'> & {
  readonly commands: ServiceCommands
  readonly stopping: AbortSignal
}

const BETWEEN_READS_MILLISECONDS = 1000

/**
 * Prints each change as it is written to the ledger, until it is stopped. When no service runs on the data, it prints
 * what the ledger has, and ends.
 */
export const tailEvents = async (
  { commands, show, pause, stopping }: TailNeeds,
  userId: string | null,
): Promise<CommandOutcome> => {
  let place: { readonly after: string | null; readonly isFirst: boolean } = {
    after: null,
    isFirst: true,
  }
  while (!stopping.aborted) {
    const outcome = await commands.run(readEvents, { userId, ...place })
    if (outcome.exitCode !== EXIT.ok || outcome.next === undefined) return outcome
    show(outcome)
    const { after, isMore } = outcome.next
    place = { after, isFirst: false }
    if (!isMore && !commands.isShared) return nothingToWaitFor
    if (!isMore) await pause(BETWEEN_READS_MILLISECONDS, stopping)
  }
  return { exitCode: EXIT.ok, lines: [], documents: [] }
}

const nothingToWaitFor: CommandOutcome = {
  exitCode: EXIT.ok,
  lines: ['No service is running on this data: there is nothing to wait for.'],
  documents: [],
}

const PAGE = 100
const FIRST_READ = 10

/** The next changes of the ledger, one on a line; the first read shows the last ten. */
export const readEvents: OwnerCommand<{ readonly ledger: Ledger }> = {
  name: 'events-read',
  isFrequent: true,
  run: async ({ ledger }, input) => {
    const user = textOf(input, 'userId')
    const userId = user === null ? null : parseUserId(user)
    if (userId !== user) return refused('The user (--user) is not a user id.')
    const after = isSet(input, 'isFirst')
      ? await firstPlace(ledger, userId)
      : textOf(input, 'after')
    const page = await ledger.read({ after, userId, limit: PAGE })
    if (page === null)
      return refused(
        'The running service has another version than this command. Use the command of its version.',
      )
    return {
      exitCode: EXIT.ok,
      lines: page.entries.map(entryLine),
      documents: page.entries.map(entryDocument),
      next: { after: page.next, isMore: page.entries.length === PAGE },
    }
  },
}

export const eventsTail = defineCommand({
  words: 'events tail',
  summary: 'print the last changes, then each new one, until Ctrl-C',
  description: 'A line has ids, and never a name or an email address.',
  examples: ['events tail', 'events tail --json'],
  parts: [readEvents],
  declare: (command, cli) =>
    command
      .option('--user <id>', 'only changes of this user')
      .action(
        cli.runs(({ user = null }) =>
          cli.untilStopped((stopping) =>
            cli.withService((commands) => tailEvents({ ...cli, commands, stopping }, user)),
          ),
        ),
      ),
})

const firstPlace = (ledger: Ledger, userId: UserId | null) => ledger.beforeLast(FIRST_READ, userId)

/** The line contains ids, and never a name or an email address, because people copy such lines into tickets. */
const entryLine = ({ event, deliveries }: LedgerEntry): string =>
  [
    event.occurredAt.toISOString(),
    event.action,
    `${event.userId} v${event.version}`,
    `event ${event.eventId}`,
    ...(event.changed.length === 0 ? [] : [event.changed.join(',')]),
    ...deliveries.map(deliveryText),
  ].join('  ')

/** What the line has. */
const entryDocument = ({ event, deliveries }: LedgerEntry): object => ({
  occurredAt: event.occurredAt,
  action: event.action,
  userId: event.userId,
  version: event.version,
  eventId: event.eventId,
  changed: event.changed,
  deliveries: deliveries.map(({ channel, state, streamSequence }) => ({
    channel,
    state,
    streamSequence,
  })),
})

const deliveryText = ({ channel, state, streamSequence }: DeliveryState): string =>
  `${channel} ${state}${streamSequence === null ? '' : ` at ${streamSequence}`}`
