import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT, SIGNAL_EXIT } from '../exit-codes.ts'
import type { OwnerCommandName } from './owner-commands.ts'
import type { Commands } from './reach-service.ts'

type Needs = {
  readonly commands: Commands
  readonly print: (...lines: readonly string[]) => void
  readonly stopping: AbortSignal
}

const TOLD_EVERY = 10_000

/**
 * Sends part after part, so that nothing long has to be waited for or held; once it is stopped, or something fails, it
 * says from where to go on.
 */
export const sendInParts = async (
  { commands, print, stopping }: Needs,
  name: Extract<OwnerCommandName, 'events-snapshot' | 'events-send'>,
  request: { readonly consumer: string; readonly after: string | null },
): Promise<CommandOutcome> => {
  let { after } = request
  let sent = 0
  for (let isFirst = true; ; isFirst = false) {
    if (stopping.aborted)
      return { exitCode: SIGNAL_EXIT.SIGINT, lines: [`Stopped after ${sent}.`, ...goOn(after)] }
    const part = await commands.run(name, { ...request, after, isFirst })
    if (part.exitCode !== EXIT.ok && !isFirst)
      return { ...part, lines: [...part.lines, `${sent} were sent before.`, ...goOn(after)] }
    if (part.exitCode !== EXIT.ok || part.next === undefined) return part
    const before = sent
    sent += part.next.sent ?? 0
    ;({ after } = part.next)
    if (!part.next.isMore) return done(sent, request.consumer)
    if (Math.floor(sent / TOLD_EVERY) > Math.floor(before / TOLD_EVERY))
      print(`${sent} so far.`, ...goOn(after))
  }
}

const goOn = (after: string | null): readonly string[] =>
  after === null ? [] : [`From here on: --after ${after}`]

const done = (sent: number, consumer: string): CommandOutcome => ({
  exitCode: EXIT.ok,
  lines: [`Sent ${consumer} ${sent}. Nobody else was told.`],
})
