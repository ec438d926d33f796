import type {
  CommandOutcome,
  OwnerCommandName,
} from '../../../ports/driving/operations/owner-commands.ts'

/** Gives commands to the service that runs on the data, or to one that was composed here because none is running. */
export type ServiceCommands = {
  run(name: OwnerCommandName, input: object): Promise<CommandOutcome>
  /** Whether the data may change between two commands. */
  readonly isShared: boolean
}

export type Print = (...lines: readonly string[]) => void
