import type { Command } from '@commander-js/extra-typings'
import type { Pause } from '../../../ports/driven/shared/clock.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'

/** The part of a command that a service carries out: the running one, or one that was composed for this command. */
export type OwnerCommand<Needs> = {
  /** Its name on the management port. */
  readonly name: string
  /**
   * What must be in order before it runs. With `receiver`, the schema must be current, and an address of Backend must be set
   * if the stored mode calls Backend. `receiver` unless given.
   */
  readonly requires?: 'nothing' | 'schema' | 'receiver'
  /** True if it runs every second, or once for each part. Then it is logged at debug level. */
  readonly isFrequent?: true
  /** `input` comes from the command line of any version, so nothing about it is certain. */
  readonly run: (needs: Needs, input: unknown) => Promise<CommandOutcome>
}

/** Gives commands to the service that runs on the data, or to one that was composed here because none is running. */
export type ServiceCommands = {
  run(command: OwnerCommand<never>, input: object): Promise<CommandOutcome>
  /** Whether the data may change between two commands. */
  readonly isShared: boolean
}

/** What a part of an answer says: lines for a person, documents for `--json`. */
export type Shown = Pick<CommandOutcome, 'lines' | 'documents'>

/** What every command of the command line may use. */
export type Cli = {
  /** Prints a part of the answer at once, while the command goes on. */
  readonly show: (part: Shown) => void
  readonly pause: Pause
  /** The password or the reason that the person typed, or that came on standard input. */
  readonly askPassword: () => Promise<string>
  readonly askReason: () => Promise<string>
  /** Gives the commands to the service that runs on the data. If none runs, a service is composed for these commands. */
  readonly withService: (
    work: (commands: ServiceCommands) => Promise<CommandOutcome>,
  ) => Promise<CommandOutcome>
  /** Gives one command to that service. */
  readonly ask: (command: OwnerCommand<never>, input: object) => Promise<CommandOutcome>
  /** Runs work that ends soon after the first SIGINT or SIGTERM, and that says how far it came. */
  readonly untilStopped: (
    work: (stopping: AbortSignal) => Promise<CommandOutcome>,
  ) => Promise<CommandOutcome>
  /** Makes the action of a command from its work. */
  readonly runs: <Words extends readonly unknown[]>(
    work: (...words: Words) => Promise<CommandOutcome>,
  ) => (...words: Words) => Promise<void>
}

/** One command: its words, its help, its options, and what it does. A command is one file, and one entry in commands.ts. */
export type CommandModule<CliNeeds, Parts extends readonly OwnerCommand<never>[]> = {
  /** One word, or a group and a word: `doctor`, `events tail`. */
  readonly words: string
  /** Half a sentence for the list of commands. */
  readonly summary: string
  /** What else its help says, in whole sentences. */
  readonly description?: string
  /** Command lines without `auth`. Each works as it stands, and its help shows it. */
  readonly examples: readonly [string, ...string[]]
  /** Declares the arguments and options, and what the process of the command line does with them. */
  readonly declare: (command: Command, cli: Cli & CliNeeds) => unknown
  /** The parts that a service carries out. */
  readonly parts: Parts
}

/** Gives a command its type. `parts` decides what a composed service must offer, `declare` what its process must. */
export const defineCommand = <
  const Parts extends readonly OwnerCommand<never>[],
  CliNeeds = object,
>(
  module: CommandModule<CliNeeds, Parts>,
): CommandModule<CliNeeds, Parts> => module
