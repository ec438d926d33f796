import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { isPlainText } from '../../../domain/shared/plain-text.ts'
import type {
  DismissDeadLetters,
  DismissRefusal,
  ListDeadLetters,
  ListRefusal,
  ParkedItem,
  RedriveDeadLetters,
} from '../../../ports/driving/events/dead-letters.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Cli, OwnerCommand, ServiceCommands } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { textOf } from '../shared/command-input.ts'
import { countOf, done, refused } from '../shared/outcomes.ts'
import type { BrokerNeeds } from '../shared/with-broker.ts'
import { withBroker } from '../shared/with-broker.ts'

const PAGE = 100

/** One page of dead letters and parked deliveries, one on a line. */
const listDeadLetters: OwnerCommand<BrokerNeeds & { readonly listDeadLetters: ListDeadLetters }> = {
  name: 'dead-letters-list',
  run: (needs, input) =>
    withBroker(needs, async () => {
      const consumer = textOf(input, 'consumer')
      const cursor = textOf(input, 'after')
      const page = await needs.listDeadLetters({ consumer, cursor, limit: PAGE })
      if (!page.ok) return refused(REASONS[page.refusal.kind])
      const { items, next } = page.value
      return {
        exitCode: EXIT.ok,
        lines: items.map(itemLine),
        documents: items,
        next: { after: next, isMore: next !== null },
      }
    }),
}

/** Sends a consumer its dead letters again. */
const redriveDeadLetters: OwnerCommand<
  BrokerNeeds & { readonly redriveDeadLetters: RedriveDeadLetters }
> = {
  name: 'dead-letters-redrive',
  run: (needs, input) =>
    withBroker(needs, async () => {
      const consumer = textOf(input, 'consumer') ?? ''
      const ids = textOf(input, 'id')?.split(',') ?? null
      const redriving = await needs.redriveDeadLetters({ consumer, ids, atMost: null }, null)
      if (!redriving.ok) return unchanged(REASONS[redriving.refusal.kind])
      const { redriven, malformed } = redriving.value
      if (redriven === 0 && ids !== null)
        return unchanged(`${consumer} has no dead letter with this id.`)
      return done(
        { consumer, redriven, malformed },
        redriven === 0 && malformed === 0
          ? `${consumer} has no dead letters. Nothing was changed.`
          : `Sent ${consumer} ${countOf(redriven, 'dead letter')} again.`,
        ...(malformed === 0 ? [] : [leftLine(malformed)]),
      )
    }),
}

const leftLine = (malformed: number): string =>
  `Left ${countOf(malformed, 'malformed dead letter')} where ${malformed === 1 ? 'it is' : 'they are'}: the consumer could not read ${malformed === 1 ? 'it' : 'them'}. Dismiss malformed ones, or redrive them by --id once the consumer can.`

/** Removes dead letters of a consumer for good. */
const dismissDeadLetters: OwnerCommand<
  BrokerNeeds & { readonly dismissDeadLetters: DismissDeadLetters }
> = {
  name: 'dead-letters-dismiss',
  run: (needs, input) =>
    withBroker(needs, async () => {
      const consumer = textOf(input, 'consumer') ?? ''
      const ids = textOf(input, 'id')?.split(',') ?? []
      const reason = textOf(input, 'reason') ?? ''
      const dismissing = await needs.dismissDeadLetters({ consumer, ids, reason }, null)
      if (!dismissing.ok) return unchanged(REASONS[dismissing.refusal.kind])
      const { dismissed } = dismissing.value
      return dismissed === 0
        ? unchanged(`${consumer} has no dead letter with this id.`)
        : done(
            { consumer, dismissed },
            `Dismissed ${countOf(dismissed, 'dead letter')} of ${consumer}. The ledger keeps the events.`,
          )
    }),
}

const unchanged = (reason: string) => refused(`${reason} Nothing was changed.`)

export const deadLettersList = defineCommand({
  words: 'dead-letters list',
  summary: 'list dead letters and parked deliveries',
  description:
    'Parked deliveries come first, unless --consumer is given; then come dead letters, oldest first, one on a line.',
  examples: ['dead-letters list', 'dead-letters list --consumer backend --json'],
  parts: [listDeadLetters],
  declare: (command, cli) =>
    command
      .option('--consumer <name>', 'only the dead letters of this consumer')
      .action(
        cli.runs(({ consumer = null }) =>
          cli.withService((commands) => printDeadLetters({ commands, show: cli.show }, consumer)),
        ),
      ),
})

export const deadLettersRedrive = defineCommand({
  words: 'dead-letters redrive',
  summary: 'send a consumer its dead letters again',
  description:
    'All that it has now, or those with these ids. Without ids, malformed ones stay where they are.',
  examples: [
    'dead-letters redrive --consumer backend',
    'dead-letters redrive --consumer backend --id 17,18',
  ],
  parts: [redriveDeadLetters],
  declare: (command, cli) =>
    command
      .requiredOption('--consumer <name>', 'name of the consumer')
      .option('--id <ids>', 'ids of dead letters, comma-separated, as the list shows them')
      .action(cli.runs(({ consumer, id = null }) => cli.ask(redriveDeadLetters, { consumer, id }))),
})

export const deadLettersDismiss = defineCommand({
  words: 'dead-letters dismiss',
  summary: 'remove dead letters for good',
  description: 'The reason is audited. The ledger keeps the events for its 14 days.',
  examples: [
    'dead-letters dismiss --consumer backend --id 17,18 --reason "somebody else published these"',
  ],
  parts: [dismissDeadLetters],
  declare: (command, cli) =>
    command
      .requiredOption('--consumer <name>', 'name of the consumer')
      .requiredOption('--id <ids>', 'ids of dead letters, comma-separated, as the list shows them')
      .requiredOption('--reason <text>', 'why; it is audited')
      .action(cli.runs((selection) => cli.ask(dismissDeadLetters, selection))),
})

/** Prints page after page of dead letters and parked deliveries. */
const printDeadLetters = async (
  { commands, show }: Pick<Cli, 'show'> & { readonly commands: ServiceCommands },
  consumer: string | null,
): Promise<CommandOutcome> => {
  let after: string | null = null
  let count = 0
  do {
    const page: CommandOutcome = await commands.run(listDeadLetters, { consumer, after })
    if (page.exitCode !== EXIT.ok) return page
    show(page)
    count += page.lines.length
    after = page.next?.after ?? null
  } while (after !== null)
  const none = 'There are no dead letters and no parked deliveries.'
  return { exitCode: EXIT.ok, lines: count === 0 ? [none] : [], documents: [] }
}

const REASONS = {
  'invalid-consumer': 'The name of a consumer must have 1 to 64 letters, digits, - and _.',
  'invalid-cursor':
    'The running service has another version than this command. Use the command of its version.',
  'invalid-id': 'An id (--id) is not one that auth dead-letters list shows.',
  'unknown-consumer':
    'There is no consumer of that name, and no dead letter of one. auth dead-letters list shows the names.',
  'nothing-selected': 'Name the dead letters to dismiss (--id).',
  'no-reason': 'A reason (--reason) of 1 to 500 visible characters is needed.',
} as const satisfies Record<(ListRefusal | DismissRefusal)['kind'], string>

/** The line contains ids, and never a name or an email address, because people copy such lines into tickets. */
const itemLine = (item: ParkedItem): string =>
  [
    item.at.toISOString(),
    item.kind === 'dead-letter'
      ? `dead letter ${item.id} of ${item.consumer}`
      : `parked on ${item.channel}`,
    ...shown('', item.userId === null ? null : `${item.userId} v${item.version ?? '?'}`),
    ...shown('event ', item.eventId),
    ...shown('from ', item.subject === null ? null : `${item.subject} ${item.streamSequence}`),
    ...shown('tries ', item.attempts === null ? null : String(item.attempts)),
    ...shown('', item.reason),
    ...shown('', item.detail),
    item.kind === 'dead-letter'
      ? ''
      : `to deliver it again: auth events replay --channel ${item.channel} --user ${item.userId}`,
  ]
    .filter((part) => part !== '')
    .join('  ')

/** A consumer wrote this text. Control characters in it are escaped, so that they cannot control the terminal. */
const shown = (label: string, text: string | null): readonly string[] =>
  text === null ? [] : [`${label}${isPlainText(text) ? text : JSON.stringify(text)}`]
