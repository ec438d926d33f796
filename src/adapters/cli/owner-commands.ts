import type { Log } from '../../ports/driven/shared/log.ts'
import type { RunOwnerCommand } from '../../ports/driving/operations/owner-commands.ts'
import { COMMANDS } from './commands.ts'
import type { OwnerCommand } from './shared/command.ts'

type Part = (typeof COMMANDS)[number]['parts'][number]

/** What the parts of all commands need together. Not distributive, so that the needs are intersected. */
type NeedsOf<Run> = [Run] extends [(needs: infer Needs, input: unknown) => unknown] ? Needs : never

export type OwnerCommandNeeds = NeedsOf<Part['run']> & { readonly log: Log }

const PARTS: readonly OwnerCommand<OwnerCommandNeeds>[] = COMMANDS.flatMap(
  ({ parts }): readonly OwnerCommand<OwnerCommandNeeds>[] => parts,
)

/** The commands of a composed service, whether it serves or was composed for one command. */
export const makeOwnerCommands = (needs: OwnerCommandNeeds): RunOwnerCommand => {
  // Commands run one after the other, because two rotations at once would lose a key.
  let last: Promise<unknown> = Promise.resolve()
  return async (name, input) => {
    const command = PARTS.find((part) => part.name === name)
    if (command === undefined) return undefined
    const outcome = last.then(() => command.run(needs, input))
    last = outcome.catch(() => {})
    const { exitCode } = await outcome
    needs.log(command.isFrequent ? 'debug' : 'info', 'command.done', { command: name, exitCode })
    return outcome
  }
}
