import process from 'node:process'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import type { CommandNeeds } from './program.ts'
import { makeProgram, Stopped } from './program.ts'
import type { Cli, Shown } from './shared/command.ts'

/** What the command line needs besides its own words. */
export type CommandLineNeeds = Pick<Cli, 'withService' | 'pause' | 'askPassword' | 'askReason'> &
  CommandNeeds & {
    readonly version: string
    /** Prints lines on standard output and on standard error. */
    readonly printOut: (...lines: readonly string[]) => void
    readonly printError: (...lines: readonly string[]) => void
  }

/**
 * Runs the command that the words of the command line ask for, prints its answer, and gives its exit code. With `--json`
 * standard output has nothing but JSON documents, one on each line; `{"messages":[…]}` where a command has nothing else to say.
 */
export const runCommandLine = async (
  words: readonly string[],
  needs: CommandLineNeeds,
): Promise<number> => {
  const { printOut, printError, withService } = needs
  const isJson = words.includes('--json')
  let outcome: CommandOutcome = { exitCode: EXIT.ok, lines: [] }
  const show = ({ lines, documents }: Shown): void => {
    const shown = isJson
      ? (documents ?? [{ messages: lines }]).map((each) => JSON.stringify(each))
      : lines
    if (shown.length > 0) printOut(...shown)
  }
  const cli: Cli & CommandNeeds = {
    ...needs,
    show,
    ask: (command, input) => withService((commands) => commands.run(command, input)),
    untilStopped,
    runs:
      (work) =>
      async (...given) => {
        outcome = await work(...given)
      },
  }
  let help = ''
  const program = makeProgram(cli, needs.version, (text) => {
    help += text
  })
  try {
    // `auth help events tail` is `auth events tail --help`.
    const [first, ...others] = words
    await program.parseAsync(first === 'help' ? [...others, '--help'] : words, { from: 'user' })
  } catch (fault) {
    if (!(fault instanceof Stopped)) throw fault
    if (fault.complaint === null) {
      printOut(help.trimEnd())
      return EXIT.ok
    }
    outcome = { exitCode: EXIT.usage, lines: fault.complaint }
  }
  const { exitCode, lines, documents } = outcome
  const isDone = exitCode === EXIT.ok
  if (isDone || isJson) show(outcome)
  // A refusal is told to the person, too, unless the documents have it all.
  if (!isDone && !(isJson && documents !== undefined)) printError(...lines)
  return exitCode
}

/** Runs work that ends soon after the first SIGINT or SIGTERM, and that says how far it came. */
const untilStopped: Cli['untilStopped'] = async (work) => {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, stop)
  try {
    return await work(stopping.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
