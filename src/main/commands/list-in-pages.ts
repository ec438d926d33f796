import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import type { Commands } from './reach-service.ts'

type Needs = {
  readonly commands: Commands
  readonly print: (...lines: readonly string[]) => void
}

/** Prints page after page of what was given up. */
export const listInPages = async (
  { commands, print }: Needs,
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
  return { exitCode: EXIT.ok, lines: count === 0 ? ['Nothing was given up.'] : [] }
}
