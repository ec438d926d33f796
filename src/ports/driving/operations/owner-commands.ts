/** The answer of a command: lines for a person, and the exit code of the command line. */
export type CommandOutcome = {
  readonly exitCode: number
  readonly lines: readonly string[]
  /**
   * The same for a program: `--json` prints each on a line of its own, instead of the lines for a person. Without documents it
   * prints one that has the lines.
   */
  readonly documents?: readonly object[]
  /** Set by a command that is called again and again: where the next call continues. */
  readonly next?: {
    readonly after: string | null
    readonly isMore: boolean
    /** How many messages this call has sent, where it sends any. */
    readonly sent?: number
  }
}

/** Runs an owner's command by its name. Undefined when there is no command of that name. */
export type RunOwnerCommand = (name: string, input: unknown) => Promise<CommandOutcome | undefined>
