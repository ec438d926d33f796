/** What a command answers its owner: lines for a person, and the code that the command line exits with. */
export type CommandOutcome = {
  readonly exitCode: number
  readonly lines: readonly string[]
  /** Of a command that is asked again and again: where the next call goes on. */
  readonly next?: {
    readonly after: string | null
    readonly isMore: boolean
    /** How many this call has sent, where it sends something. */
    readonly sent?: number
  }
}

/** Runs an owner's command by its name, like `admin-create`. Undefined when there is no such command. */
export type RunOwnerCommand = (name: string, input: unknown) => Promise<CommandOutcome | undefined>
