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
import { textOf } from '../shared/command-input.ts'
import type { Print, ServiceCommands } from '../shared/service-commands.ts'
import type { BrokerNeeds } from '../shared/with-broker.ts'
import { withBroker } from '../shared/with-broker.ts'

type PagesNeeds = { readonly commands: ServiceCommands; readonly print: Print }

/** Prints page after page of dead letters and parked deliveries. */
export const printDeadLetters = async (
  { commands, print }: PagesNeeds,
  consumer: string | null,
): Promise<CommandOutcome> => {
  let after: string | null = null
  let count = 0
  do {
    const page: CommandOutcome = await commands.run('dead-letters-list', { consumer, after })
    if (page.exitCode !== EXIT.ok) return page
    if (page.lines.length > 0) print(...page.lines)
    count += page.lines.length
    after = page.next?.after ?? null
  } while (after !== null)
  const none = 'There are no dead letters and no parked deliveries.'
  return { exitCode: EXIT.ok, lines: count === 0 ? [none] : [] }
}

const PAGE = 100

type ListNeeds = BrokerNeeds & { readonly listDeadLetters: ListDeadLetters }

/** One page of dead letters and parked deliveries, one on a line. */
export const listDeadLetters = (needs: ListNeeds, input: unknown): Promise<CommandOutcome> =>
  withBroker(needs, async () => {
    const consumer = textOf(input, 'consumer')
    const cursor = textOf(input, 'after')
    const page = await needs.listDeadLetters({ consumer, cursor, limit: PAGE })
    if (!page.ok) return { exitCode: EXIT.failed, lines: [REASONS[page.refusal.kind]] }
    const { items, next } = page.value
    return {
      exitCode: EXIT.ok,
      lines: items.map(itemLine),
      next: { after: next, isMore: next !== null },
    }
  })

type RedriveNeeds = BrokerNeeds & { readonly redriveDeadLetters: RedriveDeadLetters }

/** Sends a consumer its dead letters again. */
export const redriveDeadLetters = (needs: RedriveNeeds, input: unknown): Promise<CommandOutcome> =>
  withBroker(needs, async () => {
    const consumer = textOf(input, 'consumer') ?? ''
    const id = textOf(input, 'id')
    const ids = id === null ? null : id.split(',')
    const done = await needs.redriveDeadLetters({ consumer, ids, atMost: null }, null)
    if (!done.ok)
      return {
        exitCode: EXIT.failed,
        lines: [`${REASONS[done.refusal.kind]} Nothing was changed.`],
      }
    return { exitCode: EXIT.ok, lines: [redrivenLine(done.value.redriven, consumer)] }
  })

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
