import type { OwnerCommandName } from './owner-commands.ts'
import type { DoorWords } from './serve-contract.ts'
import type { ContractWords } from './verify-contract-files.ts'

/** What the words of a command line ask for. */
export type Order =
  | { readonly kind: 'help' | 'doctor' | 'keys-generate' }
  | { readonly kind: 'admin-create'; readonly email: string; readonly username: string }
  | { readonly kind: 'events-tail'; readonly userId: string | null }
  | { readonly kind: 'events-replay'; readonly request: ReplayWords }
  | { readonly kind: 'events-send' | 'events-snapshot'; readonly request: SendWords }
  | { readonly kind: 'dead-letters-list'; readonly consumer: string | null }
  | { readonly kind: 'dead-letters-redrive'; readonly selection: RedriveWords }
  | { readonly kind: 'events-discard'; readonly selection: DiscardWords }
  | { readonly kind: 'contract-verify'; readonly request: ContractWords }
  | { readonly kind: 'contract-serve'; readonly door: DoorWords }
  | { readonly kind: 'sync-status' | 'sync-report' }
  | { readonly kind: 'sync-set'; readonly request: SyncWords }
  | { readonly kind: 'plain'; readonly name: Extract<OwnerCommandName, PlainName> }

type PlainName = 'migrate' | 'keys-rotate' | 'keys-retire' | 'nats-apply' | 'events-rebase'

type ReplayWords = {
  readonly channel: string
  readonly userId: string | null
  readonly from: string | null
  readonly to: string | null
  readonly dryRun: boolean
}

/** A mode as the command line has it. */
export type SyncWords = {
  readonly mode: string
  readonly percent: string | null
  readonly dualWrite: string | null
  readonly confirmSilence: string | null
  readonly acceptGap: boolean
  readonly reason: string
}

type SendWords = {
  readonly consumer: string
  readonly schemaVersion: string | null
  readonly after: string | null
  readonly rate: string | null
  readonly dryRun: boolean
} & Partial<Pick<ReplayWords, 'userId' | 'from' | 'to'>>

type RedriveWords = { readonly consumer: string; readonly id: string | null }

type DiscardWords = {
  readonly channel: string | null
  readonly userId: string | null
  readonly eventId: string | null
}

export const TEXT_OPTIONS = [
  ...(['email', 'username', 'channel', 'user', 'event', 'from', 'until', 'to'] as const),
  ...(['schema', 'after', 'rate', 'consumer', 'id', 'publish', 'host', 'port'] as const),
  ...(['percent', 'dual-write', 'confirm-silence', 'reason'] as const),
] as const
export type TextOption = (typeof TEXT_OPTIONS)[number]

type Switch = 'dry-run' | 'accept-gap'

export type OptionValues = { readonly [option in TextOption]?: string } & {
  readonly dryRun: boolean
  readonly acceptGap: boolean
  /** The words after the command's own. */
  readonly paths: readonly string[]
}

/** One command with the options that it takes, and those of them that it needs. */
export type Reading = {
  readonly takes: readonly (TextOption | Switch)[]
  readonly needs: readonly TextOption[]
  /** Whether paths may follow the words. */
  readonly takesPaths?: true
  /** Of these exactly one. */
  readonly oneOf?: readonly TextOption[]
  /** These make sense with one of them only. */
  readonly onlyWith?: Readonly<Partial<Record<TextOption, readonly TextOption[]>>>
  readonly read: (values: OptionValues) => Order
}
