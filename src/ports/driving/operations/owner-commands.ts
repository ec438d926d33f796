/** The commands that a composed service carries out for its owner. A service of another version may know others. */
export type OwnerCommandName =
  | 'migrate'
  | 'schema'
  | 'admin-create'
  | 'users-unlock'
  | 'keys-rotate'
  | 'keys-retire'
  | 'events-read'
  | 'events-replay'
  | 'events-discard'
  | 'events-rebase'
  | 'events-send'
  | 'events-snapshot'
  | 'dead-letters-list'
  | 'dead-letters-redrive'
  | 'nats-apply'
  | 'nats-consumer'
  | 'sync-status'
  | 'sync-report'
  | 'sync-set'

/** The answer of a command: lines for a person, and the exit code of the command line. */
export type CommandOutcome = {
  readonly exitCode: number
  readonly lines: readonly string[]
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
