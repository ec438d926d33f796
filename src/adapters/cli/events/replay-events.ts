import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type {
  CountReplay,
  ReplayEvents,
  ReplayRefusal,
} from '../../../ports/driving/events/events.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { isSet, textOf } from '../shared/command-input.ts'

type Needs = { readonly replayEvents: ReplayEvents; readonly countReplay: CountReplay }

/** Makes the relay deliver events of the ledger again, or only counts them. */
export const replayEvents = async (
  { replayEvents, countReplay }: Needs,
  input: unknown,
): Promise<CommandOutcome> => {
  const request = {
    channel: textOf(input, 'channel') ?? '',
    userId: textOf(input, 'userId'),
    from: textOf(input, 'from'),
    to: textOf(input, 'to'),
  }
  if (isSet(input, 'dryRun')) {
    const counted = await countReplay(request)
    return counted.ok
      ? done(`${events(counted.value.replayable)} would be delivered again. Nothing was changed.`)
      : refused(counted.refusal)
  }
  const replay = await replayEvents(request, null)
  return replay.ok
    ? done(`${events(replay.value.replayed)} will be delivered again on ${request.channel}.`)
    : refused(replay.refusal)
}

const events = (count: number): string => (count === 1 ? '1 event' : `${count} events`)

const done = (line: string): CommandOutcome => ({ exitCode: EXIT.ok, lines: [line] })

const REASONS = {
  'unknown-channel': 'This installation does not deliver events on that channel (--channel).',
  'invalid-user-id': 'The user (--user) is not a user id.',
  'invalid-from': 'The start (--from) is not an instant like 2026-11-24T00:00:00Z.',
  'invalid-to': 'The end (--until) is not an instant like 2026-11-24T00:00:00Z.',
  'empty-span': 'The end (--until) is not after the start (--from).',
} as const satisfies Record<ReplayRefusal['kind'], string>

const refused = ({ kind }: ReplayRefusal): CommandOutcome => ({
  exitCode: EXIT.failed,
  lines: [`${REASONS[kind]} Nothing was changed.`],
})
