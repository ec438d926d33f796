import type { Pause } from '../../ports/driven/shared/clock.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import type { Commands } from './reach-service.ts'

type Needs = {
  readonly commands: Commands
  readonly print: (...lines: readonly string[]) => void
  readonly pause: Pause
  readonly stopping: AbortSignal
}

const BETWEEN_LOOKS_MILLISECONDS = 1000

/**
 * Prints each change as it gets into the ledger, until it is stopped; where nobody else has the data, what there is
 * already.
 */
export const tailEvents = async (
  { commands, print, pause, stopping }: Needs,
  userId: string | null,
): Promise<CommandOutcome> => {
  let place: { readonly after: string | null; readonly isFirst: boolean } = {
    after: null,
    isFirst: true,
  }
  while (!stopping.aborted) {
    const outcome = await commands.run('events-read', { userId, ...place })
    if (outcome.exitCode !== EXIT.ok || outcome.next === undefined) return outcome
    if (outcome.lines.length > 0) print(...outcome.lines)
    const { after, isMore } = outcome.next
    place = { after, isFirst: false }
    if (!isMore && !commands.isShared) return onlyThese
    if (!isMore) await pause(BETWEEN_LOOKS_MILLISECONDS, stopping)
  }
  return { exitCode: EXIT.ok, lines: [] }
}

const onlyThese: CommandOutcome = {
  exitCode: EXIT.ok,
  lines: ['No service is running on this data: there is nothing to wait for.'],
}
