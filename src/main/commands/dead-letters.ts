import { isPlainText } from '../../domain/shared/plain-text.ts'
import type {
  ListRefusal,
  ParkedItem,
  RedriveRefusal,
} from '../../ports/driving/events/dead-letters.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import { textOf } from './command-input.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'
import type { Broker } from './patiently.ts'
import { patiently } from './patiently.ts'

const PAGE = 100

/** One page of what was given up, one on a line. */
export const listDeadLetters = (
  { listDeadLetters: list, ...broker }: Pick<OwnerCommandNeeds, 'listDeadLetters'> & Broker,
  input: unknown,
): Promise<CommandOutcome> =>
  patiently(broker, async () => {
    const consumer = textOf(input, 'consumer')
    const page = await list({ consumer, cursor: textOf(input, 'after'), limit: PAGE })
    if (!page.ok) return { exitCode: EXIT.failed, lines: [REASONS[page.refusal.kind]] }
    const { items, next } = page.value
    return {
      exitCode: EXIT.ok,
      lines: items.map(lineOf),
      next: { after: next, isMore: next !== null },
    }
  })

/** Gives a consumer its dead letters once more. */
export const redriveDeadLetters = (
  {
    redriveDeadLetters: redrive,
    ...broker
  }: Pick<OwnerCommandNeeds, 'redriveDeadLetters'> & Broker,
  input: unknown,
): Promise<CommandOutcome> =>
  patiently(broker, async () => {
    const consumer = textOf(input, 'consumer') ?? ''
    const id = textOf(input, 'id')
    const ids = id === null ? null : id.split(',')
    const done = await redrive({ consumer, ids, atMost: null }, null)
    if (!done.ok)
      return {
        exitCode: EXIT.failed,
        lines: [`${REASONS[done.refusal.kind]} Nothing was changed.`],
      }
    const { redriven } = done.value
    return { exitCode: EXIT.ok, lines: [told(redriven, consumer)] }
  })

const told = (redriven: number, consumer: string): string =>
  redriven === 0
    ? `${consumer} has no such dead letter. Nothing was changed.`
    : `Gave ${consumer} ${redriven === 1 ? '1 dead letter' : `${redriven} dead letters`} once more.`

const REASONS = {
  'invalid-consumer': 'A consumer is named by 1 to 64 letters, digits, - and _.',
  'invalid-cursor': 'The running service is of another version.',
  'invalid-id': 'An id is not one that the list shows.',
} as const satisfies Record<(ListRefusal | RedriveRefusal)['kind'], string>

/** Ids, never a name or an address: lines like these end up in tickets. */
const lineOf = (item: ParkedItem): string =>
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
      : `try it anew: auth events replay --channel ${item.channel} --user ${item.userId}`,
  ]
    .filter((part) => part !== '')
    .join('  ')

/** What a consumer wrote must not reach a terminal as more than text. */
const shown = (label: string, text: string | null): readonly string[] =>
  text === null ? [] : [`${label}${isPlainText(text) ? text : JSON.stringify(text)}`]
