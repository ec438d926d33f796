import type { CommanderError } from '@commander-js/extra-typings'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { COMMANDS, GROUPS } from './commands.ts'
import type { Cli } from './shared/command.ts'

/** What the commands need of their process, besides what each may use. */
export type CommandNeeds = NeedsOf<(typeof COMMANDS)[number]['declare']>

/** Not distributive, so that the needs are intersected. */
type NeedsOf<Declare> = [Declare] extends [(command: Command, cli: infer Needs) => unknown]
  ? Omit<Needs, keyof Cli>
  : never

/** Ends the parsing: help or the version was written, as asked for, or the words make no sense. */
export class Stopped extends Error {
  constructor(
    /** What is wrong with the words, in the last line; null after help or the version. */
    readonly complaint: readonly string[] | null,
    cause: CommanderError,
  ) {
    super(cause.message, { cause })
  }
}

/**
 * The command line `auth …` with all commands. Parsing runs the command that the words name, or throws `Stopped`. `write` gets
 * help and the version.
 */
export const makeProgram = (
  cli: Cli & CommandNeeds,
  version: string,
  write: (text: string) => void,
): Command => {
  const settle = (command: Command, words: string): Command =>
    command
      .helpCommand(false)
      .helpOption('-h, --help', 'explain this command')
      .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
      .configureOutput({ writeOut: write, writeErr: write, outputError: () => {} })
      .exitOverride((cause) => {
        const [word = '-'] = command.args
        // The library explains a group even if the word after it is a mistake. Parsed alone, the word is complained about.
        if (cause.exitCode === 0 && command.commands.length > 0 && !word.startsWith('-'))
          command.parse([word], { from: 'user' })
        throw new Stopped(complaintOf(command, words, cause), cause)
      })
  const program = settle(new Command('auth'), 'auth')
    .usage('<command> [options]')
    .description(
      'Every command works whether or not the service is running. Settings come from the environment.',
    )
    .version(version, '--version', 'print the version')
    .option('--json', 'print JSON documents, one on each line')
    .addHelpText('after', '\nauth <command> --help explains one command.')
  const groups = new Map<string, Command>()
  const groupOf = (name: string): Command => {
    const group = groups.get(name) ?? settle(new Command(name), `auth ${name}`)
    if (!groups.has(name)) program.addCommand(group)
    groups.set(name, group)
    return group
  }
  for (const { words, summary, description, examples, declare } of COMMANDS) {
    const [first = '', second] = words.split(' ')
    const parent = second === undefined ? program : groupOf(first)
    const command = settle(new Command(second ?? first), `auth ${words}`)
      .summary(summary)
      .description([sentence(summary), description].filter(Boolean).join(' '))
      .addHelpText('after', `\nExamples:\n${examples.map((line) => `  auth ${line}`).join('\n')}`)
    declare(command, cli)
    for (const option of command.options)
      if (option.required && option.parseArg === undefined) option.argParser(givenText)
    parent.addCommand(command)
  }
  for (const [name, group] of groups) {
    const verbs = group.commands.map((command) => command.name())
    group.summary(`${verbs.join(', ')}: ${GROUPS[name]}`).description(sentence(GROUPS[name] ?? ''))
  }
  return program
}

const complaintOf = (
  command: Command,
  words: string,
  { exitCode, code, message }: CommanderError,
): readonly string[] | null => {
  const lacksCommand = code === 'commander.help'
  if (exitCode === 0 || (lacksCommand && words === 'auth')) return null
  const verbs = command.commands.map((each) => each.name()).join(', ')
  const complaint = lacksCommand
    ? `a command is missing. It has: ${verbs}.`
    : message.replace(/^error: /, '').replaceAll('\n', ' ')
  const [, word] = code === 'commander.unknownCommand' ? (/'(.+)'/.exec(message) ?? []) : []
  const inGroup = COMMANDS.find((each) => each.words.endsWith(` ${word}`))
  const advice =
    message.includes('Did you mean') || inGroup === undefined
      ? ''
      : ` (Did you mean ${inGroup.words}?)`
  return [`See ${words} --help.`, `${words}: ${complaint}${advice}`]
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

/** An empty value, or the next option in its place, is a mistake of the caller. */
const givenText = (text: string): string => {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.')
  if (text.startsWith('--')) throw new InvalidArgumentError('Its value is missing.')
  return text
}
