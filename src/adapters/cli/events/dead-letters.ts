import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { isPlainText } from '../../../domain/shared/plain-text.ts'
import type {
  ListDeadLetters,
  ListRefusal,
  ParkedItem,
  RedriveDeadLetters,
  RedriveRefusal,
} from '../../../ports/driving/events/dead-letters.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import type { Cli, OwnerCommand, ServiceCommands } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { textOf } from '../shared/command-input.ts'
import { done, refused } from '../shared/outcomes.ts'
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
      if (!redriving.ok) return refused(`${REASONS[redriving.refusal.kind]} Nothing was changed.`)
      const { redriven } = redriving.value
      return done({ consumer, redriven }, redrivenLine(redriven, consumer))
    }),
}

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
  description: 'All that it has now, or those with these ids.',
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

const redrivenLine = (redriven: number, consumer: string): string =>
  redriven === 0
    ? `${consumer} has no such dead letter. Nothing was changed.`
    : `Sent ${consumer} ${redriven === 1 ? '1 dead letter' : `${redriven} dead letters`} again.`

const REASONS = {
  'invalid-consumer': 'The name of a consumer must have 1 to 64 letters, digits, - and _.',
  'invalid-cursor':
    'The running service has another version than this command. Use the command of its version.',
  'invalid-id': 'An id (--id) is not one that auth dead-letters list shows.',
} as const satisfies Record<(ListRefusal | RedriveRefusal)['kind'], string>

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
